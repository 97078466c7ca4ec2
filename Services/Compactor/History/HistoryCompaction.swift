import CoreMetrics
import Foundation
import HistoryStore
import Logging
import Metrics
import Models

/// Walks over all members and compacts what rests.
struct HistoryCompaction: Sendable {
    /// A walk reads all live rows once, so it is begun this often while a session rests, but not without a pause, and daily at least.
    private static let walksPerRest = 24
    private static let pauses = Duration.seconds(1) ... .seconds(86_400)

    let connection: PostgresConnection
    let walking: PostgresConnection
    let compactAfter: Duration
    /// What ended before is removed, in milliseconds since 1970; nil: nothing is.
    let keptSince: @Sendable () -> Timestamp?
    /// Sessions a second.
    let rate: Int
    let logger: Logger

    private let rows = Counter(label: "playhead_compactor_compacted_sessions_total")
    private let expired = Counter(label: "playhead_compactor_expired_sessions_total")
    private let leftOut = Counter(label: "playhead_compactor_left_out_members_total")
    private let rowBytes = Counter(label: "playhead_compactor_row_bytes_total")
    private let chunks = Counter(label: "playhead_compactor_written_chunks_total")
    private let chunkBytes = Counter(label: "playhead_compactor_chunk_bytes_total")
    private let backlog = Gauge(label: "playhead_compactor_backlog_age_seconds")

    init(
        connection: PostgresConnection, walking: PostgresConnection, compactAfter: Duration,
        keptSince: @escaping @Sendable () -> Timestamp?, rate: Int,
        logger: Logger
    ) {
        self.connection = connection
        self.walking = walking
        self.compactAfter = compactAfter
        self.keptSince = keptSince
        self.rate = rate
        self.logger = logger
    }

    /// Between two walks.
    private var pause: Duration { min(max(compactAfter / Self.walksPerRest, Self.pauses.lowerBound), Self.pauses.upperBound) }

    /// Goes on with the walk that is shared with other compactors, until it ends or the next one is not due.
    /// - Throws: ``PostgresError``
    func run() async throws {
        let now = Timestamp(Date.now.timeIntervalSince1970 * 1000)
        let keptSince = keptSince()
        let walk = MemberWalk(
            .compaction(unwritten: compactAfter, keptSince: keptSince), over: walking,
            pause: pause)
        let compactor = MemberCompactor(connection: connection, keptSince: keptSince, afterTransaction: noteAndPause)
        var oldest: Int64?
        while !Task.isCancelled, let stretch = try await walk.next() {
            // What another compactor takes is seen by that one.
            let age = stretch.oldestWrite.map { max(now - $0 - Int64(compactAfter / .milliseconds(1)), 0) } ?? 0
            oldest = max(oldest ?? 0, age)
            for member in stretch.members where !Task.isCancelled { try await compact(member, by: compactor) }
            if stretch.isEnd { break }
        }
        if let oldest { backlog.record(Double(oldest) / 1000) }
        if let keptSince { try await removeExpired(before: keptSince) }
    }

    private func compact(_ member: OpaqueID, by compactor: MemberCompactor) async throws {
        do {
            _ = try await compactor.compact(member, .unwritten(compactAfter))
        } catch {
            try leaveOut(error)
        }
    }

    private func removeExpired(before time: Timestamp) async throws {
        let walk = MemberWalk(.retention(keptSince: time), over: walking, pause: pause)
        let retention = HistoryRetention(connection: connection, afterTransaction: noteRemovalAndPause)
        while !Task.isCancelled, let stretch = try await walk.next() {
            for member in stretch.members where !Task.isCancelled {
                try await removeExpired(of: member, before: time, by: retention)
            }
            if stretch.isEnd { break }
        }
    }

    private func removeExpired(of member: OpaqueID, before time: Timestamp, by retention: HistoryRetention) async throws {
        do {
            _ = try await retention.removeChunks(of: member, endedBefore: time)
        } catch {
            try leaveOut(error)
        }
    }

    /// The other members must not wait for one that cannot be compacted, as a row cannot be read, or it takes too long.
    /// - Throws: `error`, where it is not the member's.
    private func leaveOut(_ error: PostgresError) throws {
        guard error.isOfOneMember else { throw error }
        leftOut.increment()
        noteLeftOut("\(error)")
    }

    private func noteLeftOut(_ reason: String) {
        logger.error("a member was left out", metadata: ["error": "\(reason)"])
    }

    @Sendable private func noteAndPause(_ outcome: MemberCompactor.Outcome) async {
        rows.increment(by: outcome.sessions)
        expired.increment(by: outcome.expired)
        chunks.increment(by: outcome.chunks)
        rowBytes.increment(by: outcome.rowBytes)
        chunkBytes.increment(by: max(outcome.chunkBytes, 0))
        await pause(after: outcome.sessions + outcome.expired)
    }

    @Sendable private func noteRemovalAndPause(_ sessions: Int) async {
        expired.increment(by: sessions)
        await pause(after: sessions)
    }

    private func pause(after sessions: Int) async {
        try? await Task.sleep(for: .seconds(1) * sessions / rate)
    }
}
