import Foundation
import HTTPTypes
import HistoryFormats
import HistoryStore
import Hummingbird
import Models
import PublicAPI
import ServiceKit
import Tokens

/// The reads of viewing history under `/v1/members/{m}`.
struct HistoryRoutes: Sendable {
    /// Web Linking, RFC 8288. A valid field name, so never nil.
    private static let link = HTTPField.Name("Link")!

    let reader: HistoryReader
    let guarding: DatabaseGuard

    func add(to routes: inout APIRoutes) {
        routes.on(.get, "/v1/members/{m}/history", handler: guarding.handler(history))
        routes.on(.get, "/v1/members/{m}/continue-watching", handler: guarding.handler(continueWatching))
        routes.on(.get, "/v1/members/{m}/titles/{t}/bookmark", handler: guarding.handler(bookmark))
        routes.on(.get, "/v1/members/{m}/sessions/{s}", handler: guarding.handler(session))
    }

    private func history(_ parameters: QueryParameters) async throws -> Response {
        let member = try parameters.readableMember()
        let (sessions, next) = try await reader.history(
            of: member, filter: parameters.filter(), after: parameters.cursor(), limit: parameters.limit())
        var headers: HTTPFields = [:]
        if let next { headers[Self.link] = "<\(try Self.nextPage(parameters, cursor: next.token))>; rel=\"next\"" }
        return Answer.json(HistoryAnswer.json(sessions, nextCursor: next?.token), to: parameters.request, headers: headers)
    }

    private func continueWatching(_ parameters: QueryParameters) async throws -> Response {
        let member = try parameters.readableMember()
        let bookmarks = try await reader.continueWatching(of: member, limit: parameters.limit())
        return Answer.json(BookmarkAnswer.rows(bookmarks), to: parameters.request)
    }

    private func bookmark(_ parameters: QueryParameters) async throws -> Response {
        let member = try parameters.readableMember()
        guard let bookmark = try await reader.bookmark(of: member, title: parameters.id("t")) else {
            throw Problem(.notFound, type: "not-found", detail: "The member has not played this title.")
        }
        return Answer.json(BookmarkAnswer.json(bookmark), to: parameters.request)
    }

    /// Operators see a session even where it is hidden: to find out what became of its events.
    private func session(_ parameters: QueryParameters) async throws -> Response {
        let operates = parameters.context.grant.mayOperate
        let member = operates ? try parameters.id("m") : try parameters.readableMember()
        let key = SessionKey(memberId: member, sessionId: try parameters.id("s"))
        guard let (session, sequenceRuns) = try await reader.session(key, evenIfHidden: operates) else {
            throw Problem(.notFound, type: "not-found", detail: "The member has no such session.")
        }
        var json: [UInt8] = []
        SessionJSON.append(session.sessionId, session.summary, revision: session.revision, sequenceRuns: sequenceRuns, to: &json)
        return Answer.json(json, to: parameters.request)
    }

    /// The request's own address with another cursor.
    private static func nextPage(_ parameters: QueryParameters, cursor: String) throws(Problem) -> String {
        var query = "cursor=\(cursor)"
        for name in ["limit", "from", "to", "titleId"] {
            if let value = try parameters.value(name) { query += "&\(name)=\(encoded(value))" }
        }
        // The member as it is, not as it was written.
        return "/v1/members/\(encoded(try parameters.id("m").text))/history?\(query)"
    }

    /// Percent-encoded but for the unreserved characters of RFC 3986, so that it can stand in a header.
    private static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }

    private static let unreserved = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}
