import ArgumentParser
import ServiceKit

/// A duration as settings have them, as 90s, 10m or 24h.
struct DurationArgument: ExpressibleByArgument {
    let duration: Duration

    init(_ duration: Duration) {
        self.duration = duration
    }

    init?(argument: String) {
        guard let duration = DurationText.parse(argument) else { return nil }
        self.duration = duration
    }

    /// - Throws: where it is too short to compare two histories after.
    func validateSettle() throws {
        guard duration >= ShadowRun.leastSettle else {
            throw ValidationError("--settle must be at least \(DurationText.format(ShadowRun.leastSettle)), not \(defaultValueDescription)")
        }
    }

    var defaultValueDescription: String { DurationText.format(duration) }
}
