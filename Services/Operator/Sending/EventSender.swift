import AsyncHTTPClient
import BlockingClient
import Foundation
import Models
import NIOCore
import NIOHTTP1

/// Why events could not be sent.
struct SendError: Error, CustomStringConvertible {
    let description: String
}

/// Sends events to an edge as a good client does: what was not answered, or answered 503, is sent again. Repeating is harmless.
struct EventSender: Sendable {
    static let eventsPerRequest = 500

    struct Rejection: Decodable, Sendable, Hashable {
        var index: Int
        var detail: String
    }

    private struct Answer: Decodable {
        var rejected: [Rejection]?
        var detail: String?
    }

    private let url: String
    private let patience: Duration

    /// - Parameters:
    ///   - edge: `http://host:port`
    ///   - patience: how long an edge that does not take events is tried.
    /// - Throws: ``SendError`` for an address that is none.
    init(edge: String, patience: Duration = .seconds(120)) throws(SendError) {
        guard let address = URL(string: edge), ["http", "https"].contains(address.scheme), address.host() != nil else {
            throw SendError(description: "the edge's address must be like http://127.0.0.1:8080, not '\(edge)'")
        }
        url = edge.hasSuffix("/") ? edge + "v1/events" : edge + "/v1/events"
        self.patience = patience
    }

    /// Sends at most ``eventsPerRequest`` events in one request, until it is answered.
    /// - Returns: the events that the edge refuses.
    /// - Throws: ``SendError``
    func send(_ events: [PlaybackEvent]) async throws(SendError) -> [Rejection] {
        guard let body = try? JSONEncoder().encode(events.map(OutgoingEvent.init)) else {
            throw SendError(description: "the events do not encode")
        }
        let deadline = ContinuousClock.now + patience
        var backoff = Backoff(base: .milliseconds(200), limit: .seconds(2))
        while true {
            let failure: String
            do {
                let (status, answer) = try await post(body)
                switch status {
                case 202, 422: return answer.rejected ?? []
                case 503: failure = "503: \(answer.detail ?? "")"
                default: throw SendError(description: "\(url) answered \(status): \(answer.detail ?? "")")
                }
            } catch let error as SendError {
                throw error
            } catch {
                failure = "\(error)"
            }
            guard ContinuousClock.now < deadline else { throw SendError(description: "\(url) took no events for \(patience): \(failure)") }
            try? await Task.sleep(for: backoff.next())
        }
    }

    private func post(_ body: Data) async throws -> (status: UInt, answer: Answer) {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: body))
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
        let answer = try await response.body.collect(upTo: 4 << 20)
        let decoded = (try? JSONDecoder().decode(Answer.self, from: Data(answer.readableBytesView))) ?? Answer()
        return (response.status.code, decoded)
    }
}
