/// Hands out the batches of a simulation to whoever is free to send one.
actor BatchSource {
    private var batches: RequestBatches

    init(_ batches: RequestBatches) {
        self.batches = batches
    }

    func next() -> OutgoingBatch? {
        batches.next()
    }

    /// Of the sessions made until now.
    var made: (sessions: Int, counts: PerturbationCounts) { (batches.deliveries.sessions, batches.deliveries.counts) }
}
