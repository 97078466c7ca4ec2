import EventStream
import HTTPTypes
import HistoryStore
import Hummingbird
import Models
import PublicAPI
import ServiceKit
import Tokens

/// `GET /v1/members/{m}/history/live`: each change of a member's history, as it is announced.
struct LiveRoutes: Sendable {
    // A valid field name, so never nil.
    private static let lastEventID = HTTPField.Name("Last-Event-ID")!
    /// Entries of the member's partition that are looked through for one who comes back; who missed more reads the history anew.
    private static let missedEntries = 5000

    let hub: LiveHub
    /// For what was missed: a connection that does not wait for changes.
    let past: ChangeReader
    let reader: HistoryReader
    let guarding: DatabaseGuard

    func add(to routes: inout APIRoutes) {
        routes.on(.get, "/v1/members/{m}/history/live", handler: guarding.handler(follow))
    }

    private func follow(_ parameters: QueryParameters) async throws -> Response {
        let member = try parameters.readableMember()
        let position = try Self.position(parameters.request)
        let headers: HTTPFields = [
            .contentType: "text/event-stream", .cacheControl: "private, no-store", HTTPField.Name("X-Accel-Buffering")!: "no",
        ]
        if parameters.request.method == .head { return Response(status: .ok, headers: headers) }
        guard hub.isReading else {
            throw Problem(
                .serviceUnavailable, type: "changes-unavailable", detail: "Changes cannot be followed at the moment.",
                headers: [.retryAfter: "2"])
        }
        guard let following = hub.follow(member, until: parameters.context.grant.expiresAt) else {
            throw Problem(
                .serviceUnavailable, type: "too-many-followers", detail: "Too many histories are followed live: try again later.",
                headers: [.retryAfter: "10"])
        }
        // After it is followed: what is announced, hidden or erased meanwhile is in both, and sent once.
        let missed = await missed(by: member, since: position)
        let text = LiveText(missed: missed, then: following, filter: LiveFilter(try await reader.takenOut(of: member)))
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                while let piece = await text.next() { try await writer.write(piece) }
                try await writer.finish(nil)
            })
    }

    /// - Returns: nil where it cannot be told any more.
    private func missed(by member: OpaqueID, since position: FeedPosition?) async -> [FeedChange]? {
        guard let position else { return [] }
        return try? await past.changes(of: member, after: position, limit: Self.missedEntries)
    }

    private static func position(_ request: Request) throws(Problem) -> FeedPosition? {
        guard let text = request.headers[lastEventID], !text.isEmpty else { return nil }
        guard let position = FeedPosition(text) else {
            throw Problem(.badRequest, type: "invalid-parameter", detail: "Last-Event-ID must be the id of an event of this stream.")
        }
        return position
    }
}
