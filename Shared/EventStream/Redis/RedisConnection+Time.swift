extension RedisConnection {
    /// The server's clock, in milliseconds since 1970.
    /// - Throws: ``RedisError``
    func serverTimeMs() throws(RedisError) -> Int64 {
        let parts = try send(RedisCommand("TIME")).array()
        guard parts.count == 2, let seconds = Int64(try parts[0].text()), let microseconds = Int64(try parts[1].text()) else {
            throw RedisError(.unexpectedReply, "TIME answers with two numbers")
        }
        return seconds * 1000 + microseconds / 1000
    }
}
