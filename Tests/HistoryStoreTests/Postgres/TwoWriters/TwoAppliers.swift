import Logging
import Models
import TestSupport

@testable import HistoryStore

/// Drives the turns of many cases at once through two ``SessionApplier``s, each with a connection of its own.
struct TwoAppliers {
    enum Schedule: Sendable {
        /// A and B in turn: all that a case sees follows from its seed, but for what a tiny cache forgets.
        case takingTurns
        /// A and B each go through their own turns, and their transactions overlap as it happens.
        case atTheSameTime

        /// How often a case is tried alone, as the same need not happen again.
        var repeats: Int { self == .takingTurns ? 1 : 50 }
    }

    private let connections: [PostgresConnection]

    init(_ database: TestDatabase) {
        // A second for each deadlock, as by default, would be most of the time that the cases take.
        let configuration = TestDatabase.patient(
            PostgresConfiguration(
                url: database.url + "?options=-c%20deadlock_timeout%3D20ms", requestTimeout: .seconds(30), plans: .inKeyOrder))
        connections = ["writer-A", "writer-B"].map { PostgresConnection(configuration, name: $0, logger: .silent) }
    }

    /// - Parameter cases: with one kind of memory.
    func apply(_ cases: [DealtSession], _ schedule: Schedule) async throws -> AppliedCases {
        let batches = (0..<DealtSession.turnCount).map { turn in Self.interleaved(cases.map { $0.turns[turn] }) }
        let memory = cases[0].memory
        switch schedule {
        case .takingTurns:
            var writers = connections.map { Writer($0, memory) }
            var total = AppliedCases()
            for (turn, batch) in batches.enumerated() { total += try await writers[turn % 2].take(batch, turn: turn) }
            return total
        case .atTheSameTime:
            return try await withThrowingTaskGroup(of: AppliedCases.self) { group in
                for (number, connection) in connections.enumerated() {
                    group.addTask {
                        var writer = Writer(connection, memory)
                        var total = AppliedCases()
                        for turn in batches.indices where turn % 2 == number { total += try await writer.take(batches[turn], turn: turn) }
                        return total
                    }
                }
                return try await group.reduce(into: AppliedCases()) { $0 += $1 }
            }
        }
    }

    /// The first of each, then the second of each: a batch has its sessions mixed, and each session's events in their order.
    private static func interleaved(_ sessions: [[PlaybackEvent]]) -> [PlaybackEvent] {
        (0..<(sessions.map(\.count).max() ?? 0)).flatMap { place in sessions.compactMap { place < $0.count ? $0[place] : nil } }
    }

    private struct Writer {
        private let connection: PostgresConnection
        private let memory: DealtSession.Memory
        private var applier: SessionApplier

        init(_ connection: PostgresConnection, _ memory: DealtSession.Memory) {
            self.connection = connection
            self.memory = memory
            applier = Self.applier(connection, memory)
        }

        mutating func take(_ batch: [PlaybackEvent], turn: Int) async throws -> AppliedCases {
            if memory == .none || (memory == .untilRestart && turn == DealtSession.turnCount / 2) {
                applier = Self.applier(connection, memory)
            }
            return AppliedCases(outcome: try await applier.apply(batch))
        }

        private static func applier(_ connection: PostgresConnection, _ memory: DealtSession.Memory) -> SessionApplier {
            // About ten sessions.
            memory == .short ? SessionApplier(connection: connection, cacheBytes: 20_000) : SessionApplier(connection: connection)
        }
    }
}
