import EventStream
import HistoryStore
import JSONBytes
import Models

/// The pipeline as a whole, as Redis and the database know it.
struct PipelineStatus: Sendable {
    var time: Timestamp
    var partitions: [StreamInspector.PartitionStatus]
    var replicas: [(name: String, work: ReplicaWork?, ageMs: Int64?)]
    var spools: [SpoolLedger.Folder]
    var deadLetters: Int64?
    var memory: (used: Int64, limit: Int64)?

    var json: [UInt8] {
        var json: [UInt8] = []
        json.append(json: #"{"time":"#)
        json.append(time: time)
        json.append(json: #","eventsPerSecond":"#)
        json.append(number: replicas.compactMap { $0.work?.eventsPerSecond }.reduce(0, +))
        // The slowest of them: a sum of quantiles means nothing.
        json.append(json: #","applyDelayMs":{"p50":"#)
        json.append(optional: replicas.compactMap { $0.work?.delayP50Ms }.max())
        json.append(json: #","p99":"#)
        json.append(optional: replicas.compactMap { $0.work?.delayP99Ms }.max())
        json.append(json: #"},"oldestUnappliedMs":"#)
        json.append(decimal: partitions.compactMap(\.oldestUnappliedAgeMs).max() ?? 0)
        json.append(json: #","unreadEntries":"#)
        let unread = partitions.map(\.unread)
        json.append(optional: unread.contains(nil) ? nil : unread.compactMap(\.self).reduce(0, +))
        json.append(json: #","pendingEntries":"#)
        json.append(decimal: partitions.map(\.pending).reduce(0, +))
        json.append(json: #","streams":"#)
        json.append(list: partitions) { Self.append($0, to: &$1) }
        json.append(json: #","replicas":"#)
        json.append(list: replicas) { replica, json in
            json.append(json: #"{"name":"#)
            json.append(quoted: replica.name)
            json.append(json: #","lastSeenMs":"#)
            json.append(optional: replica.ageMs)
            json.append(json: #","eventsPerSecond":"#)
            json.append(number: replica.work?.eventsPerSecond)
            json.append(json: "}")
        }
        json.append(json: #","deadLetters":"#)
        json.append(optional: deadLetters)
        json.append(json: #","spools":"#)
        json.append(list: spools) { folder, json in
            json.append(json: #"{"folder":"#)
            json.append(quoted: folder.name)
            json.append(json: #","events":"#)
            json.append(decimal: Int64(folder.events))
            json.append(json: #","toldMs":"#)
            json.append(decimal: max(time - folder.publishedAtMs, 0))
            json.append(json: "}")
        }
        json.append(json: #","redis":{"usedBytes":"#)
        json.append(optional: memory?.used)
        json.append(json: #","maxBytes":"#)
        json.append(optional: memory?.limit)
        json.append(json: "}}")
        return json
    }

    private static func append(_ partition: StreamInspector.PartitionStatus, to json: inout [UInt8]) {
        json.append(json: #"{"partition":"#)
        json.append(decimal: Int64(partition.partition))
        json.append(json: #","entries":"#)
        json.append(decimal: partition.length)
        json.append(json: #","unread":"#)
        json.append(optional: partition.unread)
        json.append(json: #","pending":"#)
        json.append(decimal: partition.pending)
        json.append(json: #","oldestUnappliedMs":"#)
        json.append(decimal: partition.oldestUnappliedAgeMs ?? 0)
        json.append(json: "}")
    }
}

extension [UInt8] {
    fileprivate mutating func append(optional number: Int64?) {
        if let number { append(decimal: number) } else { append(json: "null") }
    }

    fileprivate mutating func append(number: Double?) {
        append(contentsOf: (number.map { "\($0)" } ?? "null").utf8)
    }
}
