import ArgumentParser

/// What `playhead verify --shadow` may be told.
struct ShadowOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How long a session must not have been written before it is compared: 5s or more.", valueName: "duration"))
    var settle = DurationArgument(.seconds(30))

    @Option(help: ArgumentHelp("Sessions a second that are compared at most, 1 to 1000000.", valueName: "count"))
    var rate = 1000

    @Option(help: "Leave out what began before: an RFC 3339 time, or a duration ago as 24h.")
    var since: StreamTime?

    @Option(help: ArgumentHelp("Write the report there, as JSON.", valueName: "file"))
    var json: ReportPath?

    @Flag(help: "Compare again and again, with metrics on PLAYHEAD_ADMIN_PORT (9084), until it is stopped.")
    var continuous = false

    @Option(
        help: ArgumentHelp(
            "With --continuous: how long after one comparison the next one begins, as 90s or 10m; 100ms or more.", valueName: "duration"))
    var interval = DurationArgument(.seconds(60))

    func validate() throws {
        try settle.validateSettle()
        try json?.validate("--json")
        guard interval.duration >= Self.leastInterval else {
            throw ValidationError("--interval must be at least 100ms, not \(interval.defaultValueDescription)")
        }
        guard (1...1_000_000).contains(rate) else { throw ValidationError("--rate must be from 1 to 1000000, not \(rate)") }
    }

    private static let leastInterval = Duration.milliseconds(100)

    /// One that is not as it is by itself.
    var firstGiven: String? {
        guard let usual = try? Self.parse([]) else { return nil }
        let given = [
            ("--since", since != nil), ("--json", json != nil), ("--continuous", continuous), ("--rate", rate != usual.rate),
            ("--settle", settle.duration != usual.settle.duration), ("--interval", interval.duration != usual.interval.duration),
        ]
        return given.first { $0.1 }?.0
    }
}
