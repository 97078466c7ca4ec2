extension RunningService {
    /// A metric's value now; 0 for one that is not there.
    func metric(_ name: String) async throws -> Double {
        let lines = try await HTTP.get(admin() + "/metrics").text.split(separator: "\n")
        return lines.first { $0.hasPrefix(name + " ") }.flatMap { Double($0.dropFirst(name.count + 1)) } ?? 0
    }

    /// What a processor counts, without what is 0.
    func eventsByOutcome() async throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for line in try await HTTP.get(admin() + "/metrics").text.split(separator: "\n") {
            guard let match = line.wholeMatch(of: /playhead_processor_events_total\{outcome="(\w+)"\} (\d+)\.0/), match.2 != "0" else {
                continue
            }
            counts[String(match.1)] = Int(match.2)
        }
        return counts
    }
}
