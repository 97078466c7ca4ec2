import BlockingClient

extension ConnectionCheck {
    /// Whether an answer of this Redis means that the entry is on disk: the append-only file, and its sync before each answer.
    ///
    /// Fails with a ``RedisError`` of kind `notDurable` that says what to set; of another kind where Redis cannot be asked.
    public static var durability: ConnectionCheck {
        let names: [RedisArgument] = ["appendonly", "appendfsync", "no-appendfsync-on-rewrite"]
        return ConnectionCheck(names.map { RedisCommand("CONFIG", "GET", $0) }) { replies throws(RedisError) in
            var settings: [String: String] = [:]
            for reply in replies {
                if let error = reply.error {
                    // NOPERM, or a hosted Redis without the command. LOADING and the like are trouble that passes.
                    if error.failureClass == .retryable { throw error }
                    throw RedisError(
                        .notDurable,
                        "Redis does not say whether it syncs its append-only file (\(error.message)): "
                            + "allow CONFIG GET, or set PLAYHEAD_REDIS_TRUST_DURABILITY=1 if you know that it does")
                }
                for (name, value) in try reply.fields() { settings[name] = try value.text() }
            }
            guard settings["appendonly"] == "yes", settings["appendfsync"] == "always" else {
                throw RedisError(
                    .notDurable,
                    "Redis has appendonly \(settings["appendonly"] ?? "unknown") and appendfsync \(settings["appendfsync"] ?? "unknown"): "
                        + "an answer means on disk only with appendonly yes and appendfsync always")
            }
            // Source: redis.conf; flushAppendOnlyFile() returns before it syncs while a child saves or rewrites.
            guard settings["no-appendfsync-on-rewrite"] == "no" else {
                throw RedisError(
                    .notDurable,
                    "Redis has no-appendfsync-on-rewrite \(settings["no-appendfsync-on-rewrite"] ?? "unknown"): "
                        + "it must be no, or nothing is synced while the append-only file is rewritten")
            }
        }
    }
}
