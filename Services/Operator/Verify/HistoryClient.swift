import AsyncHTTPClient
import Foundation
import Models
import NIOCore
import NIOHTTP1

/// A read that the query service did not answer as it should.
struct HistoryReadError: Error, CustomStringConvertible {
    let description: String
    /// It concerns this one answer: others may be there.
    var isOfThisAnswer = true
}

/// Reads viewing history over the query API, again and again where it is unavailable for a while.
struct HistoryClient: Sendable {
    static let pageLimit = 1000
    private static let requestTimeout = TimeAmount.seconds(10)
    private static let patience = Duration.seconds(60)

    let address: ServiceAddress
    let client: HTTPClient
    /// What the query service may ask for.
    var token: String?

    /// A page of a member's history, of ``pageLimit`` sessions.
    func history(of member: OpaqueID, cursor: String?) async throws -> ServedHistory {
        // The cursor is base64url, which needs no encoding in a query.
        let url = address.url("v1", "members", member.text, "history") + "?limit=\(Self.pageLimit)" + (cursor.map { "&cursor=\($0)" } ?? "")
        return try await required(url)
    }

    /// One session with its `sequenceRuns`; nil for one that is not there.
    func session(_ session: OpaqueID, of member: OpaqueID) async throws -> ServedSession? {
        try await get(address.url("v1", "members", member.text, "sessions", session.text))
    }

    /// The first ``pageLimit`` rows of continue-watching.
    func continueWatching(of member: OpaqueID) async throws -> [ServedBookmark] {
        let url = address.url("v1", "members", member.text, "continue-watching") + "?limit=\(Self.pageLimit)"
        let answer: ServedContinueWatching = try await required(url)
        return answer.items
    }

    private func required<Answer: Decodable>(_ url: String) async throws -> Answer {
        guard let answer: Answer = try await get(url) else { throw HistoryReadError(description: "GET \(url) answered 404") }
        return answer
    }

    /// - Returns: nil for a 404.
    private func get<Answer: Decodable>(_ url: String) async throws -> Answer? {
        let deadline = ContinuousClock.now + Self.patience
        var wait = RetryWait()
        while true {
            var failure: String
            var retryAfter: String?
            do {
                var request = HTTPClientRequest(url: url)
                if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
                let response = try await client.execute(request, timeout: Self.requestTimeout)
                let body = Data((try await response.body.collect(upTo: 16 << 20)).readableBytesView)
                switch response.status.code {
                case 200: return try Self.decode(body, from: url)
                case 404: return nil
                case 429, 503:
                    failure = "\(response.status.code): \(String(decoding: body.prefix(300), as: UTF8.self))"
                    retryAfter = response.headers.first(name: "retry-after")
                default:
                    throw HistoryReadError(
                        description: "GET \(url) answered \(response.status.code): \(String(decoding: body.prefix(500), as: UTF8.self))")
                }
            } catch let error as HistoryReadError {
                throw error
            } catch {
                failure = "\(error)"
            }
            guard ContinuousClock.now < deadline else {
                throw HistoryReadError(
                    description: "GET \(url) was not served for \(Self.patience.components.seconds) s: \(failure)", isOfThisAnswer: false)
            }
            try await Task.sleep(for: wait.next(retryAfter: retryAfter))
        }
    }

    private static func decode<Answer: Decodable>(_ body: Data, from url: String) throws(HistoryReadError) -> Answer {
        do {
            return try JSONDecoder().decode(Answer.self, from: body)
        } catch {
            throw HistoryReadError(description: "GET \(url) answered with what the API does not have: \(error)")
        }
    }
}
