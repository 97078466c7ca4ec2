import Models

@testable import Operator

extension SimulationPlan {
    /// A small simulation with all faults, and with one thing changed.
    static func sample(_ change: (inout SimulationPlan) -> Void = { _ in }) -> SimulationPlan {
        var plan = SimulationPlan(
            seed: 11, members: 100, titles: 50, sessions: 300, events: nil,
            perturbation: Perturbation(duplicates: 0.05, reorder: 0.1, late: 0.02, drop: 0.01), end: 1_763_700_000_000, prefix: "sim-")
        change(&plan)
        return plan
    }

    var deliveries: DeliverySequence { DeliverySequence(self, extent: SimulationExtent(of: self)) }
}
