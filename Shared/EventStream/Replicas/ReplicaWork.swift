/// What a replica did lately, as it tells with its heartbeats: for people who look at the pipeline.
public struct ReplicaWork: Sendable, Hashable {
    public var eventsPerSecond: Double
    /// From an event's arrival at the edge to its COMMIT, in milliseconds; nil where there was none.
    public var delayP50Ms: Int64?
    public var delayP99Ms: Int64?

    public init(eventsPerSecond: Double, delayP50Ms: Int64?, delayP99Ms: Int64?) {
        self.eventsPerSecond = eventsPerSecond
        self.delayP50Ms = delayP50Ms
        self.delayP99Ms = delayP99Ms
    }

    fileprivate var text: String {
        "\(eventsPerSecond) \(delayP50Ms ?? -1) \(delayP99Ms ?? -1)"
    }

    fileprivate init?(text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 3, let rate = Double(parts[0]), let p50 = Int64(parts[1]), let p99 = Int64(parts[2]) else { return nil }
        self.init(eventsPerSecond: rate, delayP50Ms: p50 < 0 ? nil : p50, delayP99Ms: p99 < 0 ? nil : p99)
    }
}

extension ReplicaRegistry {
    /// Forgotten by itself, should the replica die.
    private static let workLifetimeMs: Int64 = 10_000

    /// - Throws: ``RedisError``
    public func tell(_ work: ReplicaWork, of name: String) async throws(RedisError) {
        _ = try await connection.send(
            RedisCommand(
                "SET", RedisArgument(StreamNames.work(of: name)), RedisArgument(work.text), "PX", RedisArgument(Self.workLifetimeMs)))
    }

    /// - Returns: of each replica what it told last, and how long ago in milliseconds; nil for one that told nothing.
    /// - Throws: ``RedisError``
    public func work(of names: [String]) async throws(RedisError) -> [(work: ReplicaWork, ageMs: Int64)?] {
        guard !names.isEmpty else { return [] }
        let keys = names.map { RedisArgument(StreamNames.work(of: $0)) }
        let replies = try await connection.send(keys.flatMap { [RedisCommand("GET", $0), RedisCommand("PTTL", $0)] })
        var found: [(work: ReplicaWork, ageMs: Int64)?] = []
        for index in names.indices {
            let (text, left) = (replies[index * 2], replies[index * 2 + 1])
            guard !text.isNil, let work = try ReplicaWork(text: text.text()) else {
                found.append(nil)
                continue
            }
            found.append((work, max(Self.workLifetimeMs - (try left.integer()), 0)))
        }
        return found
    }
}
