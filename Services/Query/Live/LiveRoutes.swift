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
    private let secret = SealSecret()
    let guarding: DatabaseGuard

    init(hub: LiveHub, past: ChangeReader, reader: HistoryReader, guarding: DatabaseGuard) {
        self.hub = hub
        self.past = past
        self.reader = reader
        self.guarding = guarding
    }

    func add(to routes: inout APIRoutes) {
        routes.on(.get, "/v1/members/{m}/history/live", handler: guarding.handler(follow))
    }

    private func follow(_ parameters: QueryParameters) async throws -> Response {
        let member = try parameters.readableMember()
        let seal = PlaceSeal(secret: try await secret.value(from: reader), member: member)
        let position = try Self.position(parameters.request, seal)
        let headers: HTTPFields = [
            .contentType: "text/event-stream", .cacheControl: "private, no-store", HTTPField.Name("X-Accel-Buffering")!: "no",
        ]
        if parameters.request.method == .head { return Response(status: .ok, headers: headers) }
        guard await hub.isReading(within: .seconds(2)) else {
            throw Problem(
                .serviceUnavailable, type: "changes-unavailable", detail: "Changes cannot be followed at the moment.",
                headers: [.retryAfter: "2"])
        }
        guard let following = hub.follow(member, by: parameters.context.grant) else {
            throw Problem(
                .serviceUnavailable, type: "too-many-followers", detail: "Too many histories are followed live: try again later.",
                headers: [.retryAfter: "10"])
        }
        // After it is followed: what is announced, hidden or erased meanwhile is in both, and sent once.
        let missed = await missed(by: member, since: position)
        let text = LiveText(missed: missed, then: following, filter: LiveFilter(try await reader.takenOut(of: member)), seal: seal)
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

    private static func position(_ request: Request, _ seal: PlaceSeal) throws(Problem) -> FeedPosition? {
        guard let text = request.headers[lastEventID], !text.isEmpty else { return nil }
        guard let position = seal.open(text) else {
            throw Problem(.badRequest, type: "invalid-parameter", detail: "Last-Event-ID must be the id of an event of this stream.")
        }
        return position
    }
}

/// The database's secret, read once: it never changes.
private actor SealSecret {
    private var secret: [UInt8]?

    /// - Throws: ``PostgresError``
    func value(from reader: HistoryReader) async throws(PostgresError) -> [UInt8] {
        if let secret { return secret }
        let read = try await reader.databaseSecret()
        secret = read
        return read
    }
}
