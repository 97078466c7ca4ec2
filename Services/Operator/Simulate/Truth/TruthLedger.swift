/// Keeps the books of a simulation: which events the edge has accepted. A session whose last delivery has been answered goes into the
/// truth file and out of memory.
actor TruthLedger {
    /// How sending a batch ended.
    enum Answer: Sendable {
        /// All accepted but those at these places.
        case accepted(refused: Set<Int>)
        /// Whether any of it was taken is unknown.
        case none
    }

    private let plan: SimulationPlan
    private var file: TruthFile?
    private var open: [Int: SessionRecord] = [:]
    private var totals = TruthTotals()

    /// - Parameter path: of the truth file; nil to write none.
    /// - Throws: ``TruthFileError``
    init(plan: SimulationPlan, path: String?) throws {
        self.plan = plan
        file = try path.map { try TruthFile(path: $0, header: TruthHeader(plan: plan)) }
    }

    /// - Throws: ``TruthFileError``
    func note(_ answer: Answer, to batch: OutgoingBatch) throws {
        for (place, item) in batch.items.enumerated() {
            let outcome: SessionRecord.Outcome =
                switch answer {
                case .accepted(let refused): refused.contains(place) ? .refused : .accepted
                case .none: .unanswered
                }
            let number = item.session.number
            open[number, default: SessionRecord(item.session)].note(outcome, ofEvent: item.event)
            if open[number]?.outstanding == 0, let record = open.removeValue(forKey: number) { try close(record) }
        }
    }

    /// Closes the sessions that were cut off, and the file.
    /// - Throws: ``TruthFileError``
    func finish(sessions: Int, made: PerturbationCounts) throws -> TruthTotals {
        for number in open.keys.sorted() { try open[number].map(close) }
        open = [:]
        totals.sessions = sessions
        totals.made = made
        try file?.finish(TruthHeader(isComplete: true, plan: plan, totals: totals))
        return totals
    }

    private func close(_ record: SessionRecord) throws {
        totals.accepted += record.count(.accepted)
        totals.refused += record.count(.refused)
        totals.unanswered += record.count(.unanswered)
        guard file != nil, let truth = record.truth else { return }
        totals.lines += 1
        try file?.append(truth)
    }
}
