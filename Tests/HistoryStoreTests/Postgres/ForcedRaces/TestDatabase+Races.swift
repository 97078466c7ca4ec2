import Models
import TestSupport

@testable import HistoryStore

extension TestDatabase {
    /// What a connection waits for, as pg_stat_activity names it.
    enum Wait: String {
        case advisoryLock = "advisory"
        /// The end of another transaction that has the row.
        case transaction = "transactionid"
    }

    /// Returns once the connection of this name is stopped at a lock.
    func awaitStop(of name: String, at wait: Wait) async throws {
        let observer = connection("observer")
        try await eventually("\(name) waits for \(wait)") {
            try await observer.run(Self.stopped(.text(name), .text(wait.rawValue))).int8(0, 0) == 1
        }
    }

    private static let stopped = PostgresStatement(
        name: "stopped",
        sql: """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = $1 AND wait_event_type = 'Lock' AND wait_event = $2
            """)

    /// Ends a connection's server process as a crash of its client does: its transaction is undone.
    func kill(_ name: String) async throws {
        try await connection("killer").runScript(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = '\(name)'")
    }

    /// A connection in a transaction that holds the lock of member m-1 alone, as what removes rows of a member does.
    func removing(_ name: String = "remover") async throws -> PostgresConnection {
        let remover = connection(name)
        try await remover.runScript(
            "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(\(LockBuckets.space), \(LockBuckets.of(["m-1"])[0]))")
        return remover
    }

    /// A connection in a transaction that has inserted a session of m-1. Whoever inserts it too waits for the end of it, and ROLLBACK leaves nothing.
    func inserting(_ session: String) async throws -> PostgresConnection {
        let gate = connection("gate")
        try await gate.runScript(
            """
            BEGIN; INSERT INTO playback_session
            VALUES ('m-1', '\(session)', 't', now(), now(), 0, NULL, 0, 0, 0, now(), false, false, NULL, NULL, '')
            """)
        return gate
    }

    func applier(_ name: String) -> SessionApplier {
        SessionApplier(connection: connection(name))
    }

    /// What is stored of a session of m-1.
    func row(_ session: OpaqueID = "s-1") async throws -> KnownSession.Row? {
        try await GuardedWrite(connection: connection("reader")).load([SessionKey(memberId: "m-1", sessionId: session)])[0].row
    }
}

/// What erasing, compacting and readmitting member m-1 do in their transactions.
struct Removal: Sendable {
    private enum Step: Sendable {
        case erase
        case readmit
        case compact
        case epoch(Timestamp)
    }

    private var steps: [Step]

    static let erase = Removal(steps: [.erase])
    static let readmit = Removal(steps: [.readmit])
    /// Every session that is there.
    static let compact = Removal(steps: [.compact])

    /// As compacting sessions that are none of the test's.
    /// - Parameter through: when they began, at the latest.
    static func epoch(through: Timestamp) -> Removal {
        Removal(steps: [.epoch(through)])
    }

    static func + (first: Removal, second: Removal) -> Removal {
        Removal(steps: first.steps + second.steps)
    }

    /// Ends the transaction of a connection that has the member's lock.
    func commit(over remover: PostgresConnection) async throws {
        for step in steps { _ = try await remover.run(Self.queries(of: step, remover)) }
        _ = try await remover.run(PostgresQuery.commit)
    }

    private static func queries(of step: Step, _ connection: PostgresConnection) async throws -> [PostgresQuery] {
        switch step {
        case .erase:
            // The first erasing of a fresh database.
            return [
                MemberEraser.mark(.text("m-1")), MemberEraser.removeSessions(.text("m-1"), .int8(1), .int4(1000)),
                MemberEraser.end(.text("m-1"), .int8(1)),
            ]
        case .readmit: return [MemberEraser.readmit(.text("m-1"))]
        case .epoch(let through): return [MemberEpoch.raise(.text("m-1"), .timestamp(through))]
        case .compact:
            let due = MemberCompactor.Due.endedBefore(.max)
            let rows = try await connection.run(RestingRow.read(of: "m-1", due, keptSince: nil, after: (.min, "")))
            return try await MemberCompactor(connection: connection).step(of: "m-1", due, with: rows).queries
        }
    }
}

/// What an applier's call came to.
struct Attempt {
    var outcome: SessionApplier.Outcome?
    var error: PostgresError?

    init(_ call: () async throws(PostgresError) -> SessionApplier.Outcome) async {
        do throws(PostgresError) { outcome = try await call() } catch { self.error = error }
    }
}
