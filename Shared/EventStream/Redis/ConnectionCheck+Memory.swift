import BlockingClient

extension ConnectionCheck {
    /// Whether Redis has memory left for more: it uses less than so many percent of its `maxmemory`, or has none set.
    ///
    /// Fails with a ``RedisError`` of kind `memory`. A hosted Redis that does not tell passes.
    public static func memory(below percent: Int) -> ConnectionCheck {
        ConnectionCheck([RedisCommand("INFO", "memory")]) { replies throws(RedisError) in
            if let error = replies[0].error {
                if error.failureClass == .retryable { throw error }
                return
            }
            let fields = Self.fields(ofInfo: try replies[0].text())
            guard
                let used = fields["used_memory"].flatMap({ Int($0) }), let limit = fields["maxmemory"].flatMap({ Int($0) }), limit > 0
            else { return }
            guard Double(used) < Double(limit) * Double(percent) / 100 else {
                throw RedisError(
                    .memory, "Redis uses \(used >> 20) MiB of its maxmemory of \(limit >> 20) MiB, and must be below \(percent) %")
            }
        }
    }

    /// `name:value` lines. Source: redis.io/commands/info.
    static func fields(ofInfo text: String) -> [String: Substring] {
        var fields: [String: Substring] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[String(line[..<colon])] = line[line.index(after: colon)...]
        }
        return fields
    }
}
