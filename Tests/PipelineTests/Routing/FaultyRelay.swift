import EventStream
import Foundation
import Models
import Synchronization
import Wire

/// Stands between the edge's copies and the shadow's processor, and breaks some: one event in 1,000 gets lost, and one position is changed.
final class FaultyRelay: Sendable {
    struct Planted: Sendable {
        var dropped: [SessionKey] = []
        var moved: SessionKey?
    }

    private let source: RedisConnection
    private let target: RedisConnection
    /// Members who are shadowed all the time.
    private let stays: @Sendable (OpaqueID) -> Bool
    private let state = Mutex(State())

    private struct State {
        var isFaulty = false
        var begun: Set<SessionKey> = []
        /// Those that are to lose their next event.
        var doomed: Set<SessionKey> = []
        var planted = Planted()
    }
    private static let streams = StreamTopology(partitions: 16, kind: .shadow).streams

    init(from source: RedisConnection, to target: RedisConnection, stays: @escaping @Sendable (OpaqueID) -> Bool) {
        self.stays = stays
        self.source = source
        self.target = target
    }

    var planted: Planted { state.withLock(\.planted) }

    /// Nothing is left to carry over, or to be applied.
    func isDone() async throws -> Bool {
        for stream in Self.streams where try await source.send(RedisCommand("XLEN", RedisArgument(stream))).integer() > 0 { return false }
        let inspector = StreamInspector(topology: StreamTopology(partitions: 16, kind: .shadow), connection: target)
        return try await inspector.partitions(group: "shadow").allSatisfy { $0.oldestUnappliedAgeMs == nil }
    }

    func run() async throws {
        while !Task.isCancelled {
            var moved = 0
            for stream in Self.streams {
                let key = RedisArgument(stream)
                var (adding, ids): ([RedisCommand], [RedisArgument]) = ([], [])
                for item in try await source.send(RedisCommand("XRANGE", key, "-", "+", "COUNT", "1000")).array() {
                    let parts = try item.array()
                    guard let payload = try parts[1].fields()["b"]?.bytes() else { continue }
                    var events: [PlaybackEvent] = []
                    _ = try WireEvents.decode(payload, into: &events)
                    let carried = events.compactMap(damaged)
                    if !carried.isEmpty {
                        adding.append(
                            RedisCommand(
                                "XADD", key, "*", "b", RedisArgument(WireEvents.encode(carried)), "n", RedisArgument(carried.count)))
                    }
                    ids.append(RedisArgument(try parts[0].text()))
                }
                guard !ids.isEmpty else { continue }
                for reply in try await target.send(adding) { if let error = reply.error { throw error } }
                _ = try await source.send(RedisCommand([RedisArgument("XDEL"), key] + ids))
                moved += ids.count
            }
            if moved == 0 { try? await Task.sleep(for: .milliseconds(10)) }
        }
    }

    /// From now on some are broken.
    func turnFaulty() { state.withLock { $0.isFaulty = true } }

    private func damaged(_ event: PlaybackEvent) -> PlaybackEvent? {
        state.withLock { state in
            guard state.isFaulty else { return event }
            if event.seq == 0, state.begun.insert(event.key).inserted, state.begun.count % 20 == 1 { state.doomed.insert(event.key) }
            if event.seq == 0, state.planted.moved == nil, stays(event.memberId) {
                state.planted.moved = event.key
                var event = event
                event.positionMs += 1
                return event
            }
            // Sessions have some fifty events: of every twentieth one is one in a thousand. No more of them than are named in a report.
            guard event.seq > 0, state.planted.dropped.count < 8, state.doomed.remove(event.key) != nil else { return event }
            state.planted.dropped.append(event.key)
            return nil
        }
    }
}
