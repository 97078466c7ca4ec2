import Foundation

/// The edges as they tell of themselves.
public struct EdgeLedger: Sendable {
    /// How often an edge tells.
    public static let interval: Duration = .seconds(1)
    /// One that told nothing for so long is gone, or cannot reach Redis.
    private static let lifetimeMs: Int64 = 3000
    private static let forgottenAfterMs: Int64 = 3_600_000

    /// One edge, as it told last.
    public struct Edge: Sendable, Hashable {
        /// That no other edge has, nor had.
        public var name: String
        /// What it told last.
        public var report: EdgeReport
        /// How long ago, in milliseconds, by Redis' clock.
        public var ageMs: Int64
        /// It told lately.
        public var isLive: Bool { ageMs <= EdgeLedger.lifetimeMs }

        /// An edge as it told `ageMs` milliseconds ago.
        public init(name: String, report: EdgeReport, ageMs: Int64) {
            self.name = name
            self.report = report
            self.ageMs = ageMs
        }
    }

    private struct Entry: Codable {
        var at: Int64
        var report: EdgeReport
    }

    private let connection: RedisConnection

    /// - Parameter connection: to the Redis of the events.
    public init(connection: RedisConnection) {
        self.connection = connection
    }

    /// - Throws: ``RedisError``
    public func tell(_ report: EdgeReport, of name: String) async throws(RedisError) {
        let now = try await connection.serverTimeMs()
        // Numbers and flags can always be written.
        let text = (try? JSONEncoder().encode(Entry(at: now, report: report))).map { String(decoding: $0, as: UTF8.self) } ?? ""
        _ = try await connection.send(
            RedisCommand("HSET", RedisArgument(StreamNames.edges), RedisArgument(name), RedisArgument(text)))
    }

    /// An edge that stops has told all.
    /// - Throws: ``RedisError``
    public func leave(_ name: String) async throws(RedisError) {
        _ = try await connection.send(RedisCommand("HDEL", RedisArgument(StreamNames.edges), RedisArgument(name)))
    }

    /// Every edge that did not leave, by name; those that are silent for an hour are forgotten.
    /// - Throws: ``RedisError``
    public func edges() async throws(RedisError) -> [Edge] {
        let now = try await connection.serverTimeMs()
        var edges: [Edge] = []
        for (name, text) in try await connection.send(RedisCommand("HGETALL", RedisArgument(StreamNames.edges))).fields() {
            // One of another version tells what this one does not know.
            guard let entry = try? JSONDecoder().decode(Entry.self, from: Data(text.text().utf8)) else { continue }
            let edge = Edge(name: name, report: entry.report, ageMs: max(now - entry.at, 0))
            if edge.ageMs > Self.forgottenAfterMs { try await leave(name) } else { edges.append(edge) }
        }
        return edges.sorted { $0.name < $1.name }
    }
}
