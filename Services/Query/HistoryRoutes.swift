import Foundation
import HTTPTypes
import HistoryStore
import Hummingbird
import HummingbirdCore
import Logging
import Metrics
import Models
import NIOCore
import ServiceKit

/// The reads of viewing history under `/v1/members/{m}`.
struct HistoryRoutes: Sendable {
    /// Web Linking, RFC 8288. A valid field name, so never nil.
    private static let link = HTTPField.Name("Link")!

    private let reader: HistoryReader
    private let requestSeconds = Metrics.Timer(label: "playhead_query_request_seconds")

    init(reader: HistoryReader) {
        self.reader = reader
    }

    func add(to router: Router<BasicRequestContext>) {
        let member = router.group("/v1/members/{m}")
        member.get("history") { try await answer($0, $1, history) }
        member.get("continue-watching") { try await answer($0, $1, continueWatching) }
        member.get("titles/{t}/bookmark") { try await answer($0, $1, bookmark) }
        member.get("sessions/{s}") { try await answer($0, $1, session) }
    }

    private func history(_ parameters: QueryParameters) async throws -> Response {
        let limit = try parameters.limit()
        let (sessions, next) = try await reader.history(
            of: parameters.id("m"), filter: parameters.filter(), after: parameters.cursor(), limit: limit)
        var headers: HTTPFields = [:]
        if let next { headers[Self.link] = "<\(Self.nextPage(parameters.request.uri, cursor: next.token))>; rel=\"next\"" }
        return try Self.json(HistoryAnswer(items: sessions.map { SessionAnswer($0) }, nextCursor: next?.token), headers: headers)
    }

    private func continueWatching(_ parameters: QueryParameters) async throws -> Response {
        let sessions = try await reader.continueWatching(of: parameters.id("m"), limit: parameters.limit())
        return try Self.json(ContinueWatchingAnswer(items: sessions.map(ContinueWatchingItem.init)))
    }

    private func bookmark(_ parameters: QueryParameters) async throws -> Response {
        guard let session = try await reader.bookmark(of: parameters.id("m"), title: parameters.id("t")) else {
            throw Problem(.notFound, type: "not-found", detail: "The member has not played this title.")
        }
        return try Self.json(BookmarkAnswer(session))
    }

    private func session(_ parameters: QueryParameters) async throws -> Response {
        let key = SessionKey(memberId: try parameters.id("m"), sessionId: try parameters.id("s"))
        guard let (session, sequenceRuns) = try await reader.session(key) else {
            throw Problem(.notFound, type: "not-found", detail: "The member has no such session.")
        }
        return try Self.json(SessionAnswer(session, sequenceRuns: sequenceRuns))
    }

    private func answer(
        _ request: Request, _ context: BasicRequestContext, _ handle: (QueryParameters) async throws -> Response
    ) async throws -> Response {
        let began = ContinuousClock.now
        defer { requestSeconds.recordNanoseconds(Int64((ContinuousClock.now - began) / .nanoseconds(1))) }
        do {
            return try await handle(QueryParameters(request: request, context: context))
        } catch let error as PostgresError where error.kind == .unexpectedResult {
            // Sending the request again would not help.
            context.logger.error("a row cannot be read", metadata: ["error": "\(error)"])
            throw Problem(.internalServerError, type: "internal", detail: "The server failed to answer; its log says why.")
        } catch let error as PostgresError {
            context.logger.warning("database failed", metadata: ["error": "\(error)"])
            throw Problem(
                .serviceUnavailable, type: "database-unavailable", detail: "The history cannot be read at the moment.",
                headers: [.retryAfter: "1"])
        }
    }

    /// The request's own address with another cursor.
    private static func nextPage(_ uri: URI, cursor: String) -> String {
        let others = (uri.query ?? "").split(separator: "&").filter { !$0.hasPrefix("cursor=") }
        return "\(uri.path)?\((others.map(String.init) + ["cursor=\(cursor)"]).joined(separator: "&"))"
    }

    private static func json(_ body: some Encodable, headers: HTTPFields = [:]) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var headers = headers
        headers[.contentType] = "application/json"
        headers[.cacheControl] = "private, no-cache"
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: try encoder.encode(body))))
    }
}
