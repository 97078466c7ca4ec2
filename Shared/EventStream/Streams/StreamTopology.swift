/// How the events are spread over streams: the same for every service, for ever.
public struct StreamTopology: Sendable, Hashable {
    public let partitions: Int
    /// Whether the streams carry events or copies.
    public let kind: StreamKind

    /// A topology that is still to be agreed on: nothing may be written by it before.
    public init(partitions: Int, kind: StreamKind = .events) {
        self.partitions = partitions
        self.kind = kind
    }

    /// Their names, in the order of the partitions.
    public var streams: [String] { (0..<partitions).map(kind.stream) }

    /// The topology that Redis has on record; nil where no service ever ran.
    /// - Throws: ``RedisError``
    public static func recorded(over connection: RedisConnection) async throws(RedisError) -> StreamTopology? {
        let reply = try await connection.send(RedisCommand("GET", RedisArgument(StreamNames.partitions)))
        guard !reply.isNil else { return nil }
        guard let partitions = Int(try reply.text()), partitions > 0 else {
            throw RedisError(.configuration, "key \(StreamNames.partitions) holds no number of partitions")
        }
        return StreamTopology(partitions: partitions)
    }

    /// Records the number of partitions in Redis, or checks it against what another service recorded.
    ///
    /// With another number a member's events would go to another stream than before; a service that disagrees must not start.
    /// - Throws: ``RedisError`` of kind `configuration` that names both numbers, or of any kind when Redis cannot be asked.
    public func agree(over connection: RedisConnection) async throws(RedisError) {
        try await agreement.run(over: connection)
    }

    /// The same as a check of each connection.
    public var agreement: ConnectionCheck {
        ConnectionCheck([
            RedisCommand("SET", RedisArgument(StreamNames.partitions), RedisArgument(partitions), "NX"),
            RedisCommand("GET", RedisArgument(StreamNames.partitions)),
        ]) { replies throws(RedisError) in
            // READONLY and OOM refuse the SET although the number may be there to read.
            if let error = replies[1].error { throw error }
            if replies[1].isNil, let error = replies[0].error { throw error }
            let recorded = try replies[1].text()
            guard recorded == String(partitions) else {
                throw RedisError(
                    .configuration,
                    "PLAYHEAD_PARTITIONS is \(partitions), but these streams were made with \(recorded) (key \(StreamNames.partitions))")
            }
        }
    }
}
