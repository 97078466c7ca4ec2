import ArgumentParser

/// What `playhead verify --shadow` may be told.
struct ShadowOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How long a session must not have been written before it is compared.", valueName: "duration"))
    var settle = DurationArgument(.seconds(30))

    @Option(help: ArgumentHelp("Sessions a second that are compared at most, 1 to 1000000.", valueName: "count"))
    var rate = 1000

    @Option(help: "Leave out what began before: an RFC 3339 time, or a duration ago as 24h.")
    var since: StreamTime?

    @Option(help: ArgumentHelp("Write the report there, as JSON.", valueName: "file"))
    var json: String?

    @Flag(help: "Compare again and again, with metrics on PLAYHEAD_ADMIN_PORT (9084), until it is stopped.")
    var continuous = false

    @Option(help: ArgumentHelp("With --continuous: how long after one comparison the next one begins.", valueName: "duration"))
    var interval = DurationArgument(.seconds(60))

    func validate() throws {
        try settle.validateSettle()
        guard (1...1_000_000).contains(rate) else { throw ValidationError("--rate must be from 1 to 1000000, not \(rate)") }
    }

    /// One that was given, of those that have no value by themselves.
    var firstGiven: String? {
        if since != nil { return "--since" }
        if json != nil { return "--json" }
        return continuous ? "--continuous" : nil
    }
}
