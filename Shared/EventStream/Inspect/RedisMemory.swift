/// How much memory Redis uses, and may.
public struct RedisMemory: Sendable {
    /// In bytes, the limit 0 where none is set; nil where Redis does not tell, as a hosted one may not.
    public let known: (used: Int64, limit: Int64)?

    /// - Throws: ``RedisError`` where Redis cannot be asked.
    public init(over connection: RedisConnection) async throws(RedisError) {
        let reply = try await connection.send([RedisCommand("INFO", "memory")])[0]
        guard reply.error == nil else {
            known = nil
            return
        }
        let fields = ConnectionCheck.fields(ofInfo: try reply.text())
        guard let used = fields["used_memory"].flatMap({ Int64($0) }), let limit = fields["maxmemory"].flatMap({ Int64($0) }) else {
            known = nil
            return
        }
        known = (used, limit)
    }
}
