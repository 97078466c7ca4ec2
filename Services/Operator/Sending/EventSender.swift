import AsyncHTTPClient
import Foundation
import Models
import NIOCore
import NIOHTTP1

/// Why events could not be sent.
struct SendError: Error, CustomStringConvertible {
    let description: String
}

/// Sends events to an edge as a good client does: what was not answered, or answered 503 or 429, is sent again. Repeating is harmless.
struct EventSender: Sendable {
    static let eventsPerRequest = 500
    private static let requestTimeout = TimeAmount.seconds(10)

    struct Rejection: Decodable, Sendable, Hashable {
        var index: Int
        var detail: String
        var retryable: Bool?
    }

    /// How one attempt ended.
    enum Attempt: Sendable {
        case answered(after: Duration)
        /// It will be repeated.
        case failed(reason: String)
    }

    private struct Answer: Decodable {
        var accepted: Int?
        var rejected: [Rejection]?
        var detail: String?
    }

    /// What came of one attempt.
    private enum Outcome {
        /// Every event is accepted or rejected.
        case answered([Rejection])
        /// To be repeated.
        case unavailable(reason: String, retryAfter: String?)
    }

    private let url: String
    private let client: HTTPClient
    private let token: String?
    private let patience: Duration?
    private let onAttempt: @Sendable (Attempt) -> Void

    /// - Parameters:
    ///   - edge: `http://host:port`
    ///   - token: what the edge may ask for.
    ///   - patience: how long an edge that does not take events is tried; nil for as long as it takes.
    ///   - onAttempt: is told of every attempt.
    /// - Throws: ``ServiceAddress/Fault`` for an address that is none.
    init(
        edge: String, client: HTTPClient = .shared, token: String? = nil, patience: Duration? = .seconds(120),
        onAttempt: @escaping @Sendable (Attempt) -> Void = { _ in }
    ) throws(ServiceAddress.Fault) {
        url = try ServiceAddress(edge, of: "edge", example: "http://127.0.0.1:8080").url("v1", "events")
        self.client = client
        self.token = token
        self.patience = patience
        self.onAttempt = onAttempt
    }

    /// Sends at most ``eventsPerRequest`` events in one request, until it is answered.
    /// - Returns: the events that the edge refuses.
    /// - Throws: ``SendError``
    func send(_ events: [PlaybackEvent]) async throws(SendError) -> [Rejection] {
        try await send(OutgoingRequest(events))
    }

    /// Sends a request until every event of it is accepted or refused for good.
    /// - Returns: the events that the edge refuses.
    /// - Throws: ``SendError`` for an answer that is none of the contract's, when patience is at its end, and when the task is cancelled.
    ///   Whether the edge took any of the events is unknown then.
    func send(_ request: OutgoingRequest) async throws(SendError) -> [Rejection] {
        let deadline = patience.map { ContinuousClock.now + $0 }
        var wait = RetryWait()
        var refused: [Rejection] = []
        // What is still to be sent, and where it stood in the whole.
        var rest = request
        var places = Array(0..<request.count)
        while true {
            let failure: String
            var asked: String?
            switch try await attempt(rest) {
            case .answered(let rejected):
                refused += rejected.filter { $0.retryable != true }.map { Rejection(index: places[$0.index], detail: $0.detail) }
                let again = rejected.filter { $0.retryable == true }
                if again.isEmpty { return refused }
                failure = "\(again.count) events not taken yet: \(again[0].detail)"
                rest = rest.only(again.map(\.index))
                places = again.map { places[$0.index] }
            case .unavailable(let reason, let retryAfter):
                failure = reason
                asked = retryAfter
            }
            if let deadline, let patience, ContinuousClock.now >= deadline {
                throw SendError(description: "\(url) took no events for \(patience): \(failure)")
            }
            onAttempt(.failed(reason: failure))
            do {
                try await Task.sleep(for: wait.next(retryAfter: asked))
            } catch {
                throw SendError(description: "\(url) had not taken the events when the sending was called off: \(failure)")
            }
        }
    }

    private func attempt(_ request: OutgoingRequest) async throws(SendError) -> Outcome {
        let began = ContinuousClock.now
        let response: (status: UInt, retryAfter: String?, answer: Answer?)
        do {
            response = try await post(request)
        } catch {
            return .unavailable(reason: "\(error)", retryAfter: nil)
        }
        switch response.status {
        // 200 is the answer of an edge that has written to the database itself.
        case 200, 202, 422:
            let rejected = try Self.rejections(in: response.answer, to: request, status: response.status)
            onAttempt(.answered(after: .now - began))
            return .answered(rejected)
        case 429, 503: return .unavailable(reason: "\(response.status): \(response.answer?.detail ?? "")", retryAfter: response.retryAfter)
        default: throw SendError(description: "\(url) answered \(response.status): \(response.answer?.detail ?? "")")
        }
    }

    /// The rejections of an answer that accounts for every event.
    private static func rejections(in answer: Answer?, to request: OutgoingRequest, status: UInt) throws(SendError) -> [Rejection] {
        let rejected = answer?.rejected ?? []
        // A 422 has accepted none, and tells no number.
        let accepted = status == 422 ? 0 : answer?.accepted ?? 0
        let places = Set(rejected.map(\.index))
        guard accepted + places.count == request.count, places.count == rejected.count, places.allSatisfy({ 0..<request.count ~= $0 })
        else {
            let account = "\(accepted) accepted, \(rejected.count) rejected"
            throw SendError(description: "the answer \(status) does not account for each of \(request.count) events: \(account)")
        }
        return rejected
    }

    private func post(_ request: OutgoingRequest) async throws -> (UInt, retryAfter: String?, Answer?) {
        var message = HTTPClientRequest(url: url)
        message.method = .POST
        message.headers.add(name: "content-type", value: "application/json")
        if let token { message.headers.add(name: "authorization", value: "Bearer \(token)") }
        message.body = .bytes(ByteBuffer(bytes: request.body))
        let response = try await client.execute(message, timeout: Self.requestTimeout)
        let body = try await response.body.collect(upTo: 4 << 20)
        return (
            response.status.code, response.headers.first(name: "retry-after"),
            try? JSONDecoder().decode(Answer.self, from: Data(body.readableBytesView))
        )
    }
}
