import Models
import Oracle

/// A player of a member, and its habits. They follow from the two numbers alone.
struct ViewerDevice: Sendable, Hashable {
    /// How often a property of the session is reported.
    enum Reporting: Sendable, Hashable {
        case withEveryEvent, withTheStart, never
    }

    private static let types = ["tv", "phone", "tablet", "web", "console"]

    let id: String
    let type: String
    /// Between two heartbeats.
    let intervalMs: Int64
    /// Whether it goes on reporting while it is paused.
    let reportsWhilePaused: Bool
    /// Whether a seek tells where it began.
    let reportsSeekOrigin: Bool
    let runtimeReporting: Reporting
    let deviceReporting: Reporting

    init(member: Int, number: Int) {
        var random = SeededGenerator(seed: StableHash.fnv1a(purpose: "device", "\(member)/\(number)"))
        id = "d-\(member)-\(number)"
        type = Self.types.randomElement(using: &random)!
        // 10 to 60 s, the longer ones more often.
        let shortening = random.fraction()
        intervalMs = Int64(60_000 - 50_000 * shortening * shortening)
        reportsWhilePaused = random.happens(0.5)
        reportsSeekOrigin = random.happens(0.6)
        runtimeReporting = Self.reporting(using: &random)
        deviceReporting = Self.reporting(using: &random)
    }

    /// How many a member has: 1 to 4.
    static func count(of member: Int) -> Int {
        1 + Int(StableHash.fnv1a(purpose: "devices", String(member)) % 4)
    }

    private static func reporting(using random: inout SeededGenerator) -> Reporting {
        switch random.fraction() {
        case ..<0.7: .withEveryEvent
        case ..<0.92: .withTheStart
        default: .never
        }
    }
}
