import Foundation
import Models

/// How a ramp ended, for programs: shares in percent, as `playhead route` takes them. Pure.
struct RampReport: Encodable {
    private var ending: String
    private var reason: String?
    private var asyncPercent: String
    private var planPercents: [String]
    /// Of the last comparison.
    private var comparison: ShadowReport?

    init(_ ending: RampRun.Ending, _ state: RampState, _ comparison: ShadowReport?) {
        asyncPercent = MemberShare(slots: state.share).description
        planPercents = state.plan.steps.map { MemberShare(slots: $0).description }
        self.comparison = comparison
        switch ending {
        case .finished: self.ending = "finished"
        case .wentBack(let reason): (self.ending, self.reason) = ("went back", reason)
        case .gaveUp(let reason): (self.ending, self.reason) = ("gave up", reason)
        }
    }

    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) + "\n" } ?? ""
    }
}
