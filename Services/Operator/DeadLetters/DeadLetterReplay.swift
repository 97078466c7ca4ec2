import Batching
import EventStream
import HistoryStore
import Models
import Wire

/// Puts the events of dead letters into the streams, by the same append as the edge's.
///
/// Not over HTTP: the edge would take them for new events, with another `receivedAt` and `skewMs`, and a session's times depend on the latter.
struct DeadLetterReplay {
    struct Outcome {
        var letters = 0
        var events = 0
        /// Those that this version cannot read, by id.
        var unreadable: [(id: Int64, reason: String)] = []
    }

    let store: DeadLetterStore
    let appender: StreamAppender
    let topology: StreamTopology

    init(store: DeadLetterStore, topology: StreamTopology, redis: RedisConnection) {
        self.store = store
        self.topology = topology
        appender = StreamAppender(connections: [redis])
    }

    /// Replays what is there now; what is set aside again meanwhile is not replayed twice.
    /// - Throws: ``PostgresError`` or ``RedisError``; what was replayed until then stays replayed, the rest stays a dead letter.
    func run(_ filter: DeadLetterStore.Filter) async throws -> Outcome {
        var outcome = Outcome()
        var last: Int64 = 0
        var left = try await store.count(filter)
        while left > 0 {
            let records = try await store.letters(filter, after: last, limit: Int(min(left, Int64(DeadLetterStore.page))))
            guard let lastRecord = records.last else { break }
            last = lastRecord.id
            left -= Int64(records.count)
            var readable: [Int64] = []
            for record in records {
                let content = Content(record.letter)
                if let reason = content.reasonToLeave {
                    outcome.unreadable.append((record.id, reason))
                } else {
                    readable.append(record.id)
                }
            }
            if readable.isEmpty { continue }
            outcome.letters += try await store.take(readable) { letters in
                let contents = letters.map(Content.init)
                let events = contents.flatMap(\.events)
                try await appender.append(PartitionBatch.batches(of: events, partitions: topology.partitions))
                outcome.events += events.count
                return contents.flatMap(\.kept)
            }
        }
        return outcome
    }

    /// What a letter holds.
    private struct Content {
        var events: [PlaybackEvent] = []
        /// Events beside them that this version cannot read, each as a letter of its own.
        var kept: [DeadLetter] = []
        private var reason: String?

        init(_ letter: DeadLetter) {
            do {
                for refused in try WireEvents.decode(letter.payload, into: &events) {
                    kept.append(
                        DeadLetter(stream: letter.stream, entryID: letter.entryID, reason: refused.reason, payload: refused.payload))
                }
            } catch {
                reason = "\(error)"
            }
        }

        /// nil where something in it can be replayed.
        var reasonToLeave: String? { events.isEmpty ? reason ?? kept.first?.reason : nil }
    }
}
