import Models

/// One request with the events that stand in it.
struct OutgoingBatch: Sendable {
    struct Item: Sendable {
        var session: SimulatedSession
        /// The event's place in its session.
        var event: Int
    }

    /// How many events stand in the batches before it.
    var preceding: Int
    var items: [Item] = []
    var request = OutgoingRequest()
}

/// Groups deliveries into requests in their order, within the edge's limits. A copy never goes in the request of its original.
struct RequestBatches: Sequence, IteratorProtocol {
    static let maximalEvents = 1000
    static let maximalBytes = 1 << 20
    /// No event is longer: only the member's id is of any length, and at most 256 bytes, of which JSON makes twice as many.
    private static let largestEvent = 2048

    private(set) var deliveries: DeliverySequence
    private let eventsPerRequest: Int
    private var held: [OutgoingBatch.Item] = []
    private var sent = 0

    init(_ deliveries: DeliverySequence, eventsPerRequest: Int) {
        self.deliveries = deliveries
        self.eventsPerRequest = eventsPerRequest
    }

    mutating func next() -> OutgoingBatch? {
        var batch = OutgoingBatch(preceding: sent)
        for item in held { batch.append(item) }
        held = []
        while batch.items.count < eventsPerRequest, batch.request.byteCount + Self.largestEvent < Self.maximalBytes,
            let (session, delivery) = deliveries.next()
        {
            let item = OutgoingBatch.Item(session: session, event: delivery.event)
            if delivery.isCopy, batch.contains(item) {
                held.append(item)
            } else {
                batch.append(item)
            }
        }
        guard !batch.items.isEmpty else { return nil }
        sent += batch.items.count
        return batch
    }
}

extension OutgoingBatch {
    fileprivate mutating func append(_ item: Item) {
        items.append(item)
        request.append { item.session.write(item.event, to: &$0) }
    }

    fileprivate func contains(_ item: Item) -> Bool {
        items.contains { $0.session === item.session && $0.event == item.event }
    }
}
