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

    /// From where on nothing is kept that nobody needs, and operators are told who needs the rest: well before edges spool.
    /// - Parameter watermark: percent of `maxmemory` from which edges spool.
    public static func trimmingWatermark(spoolingFrom watermark: Int) -> Int {
        max(watermark - 10, 1)
    }

    /// Whether more is used than so many percent of the limit; false where there is none, or Redis does not tell.
    public func isAbove(_ percent: Int) -> Bool {
        guard let known, known.limit > 0 else { return false }
        return Double(known.used) >= Double(known.limit) * Double(percent) / 100
    }
}
