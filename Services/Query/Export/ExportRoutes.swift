import HTTPTypes
import HistoryStore
import Hummingbird
import Models
import NIOCore
import PublicAPI
import ServiceKit

/// `GET /v1/members/{m}/history/export`: a member's whole history, to take along.
struct ExportRoutes: Sendable {
    let pool: PostgresPool
    let turns = ExportTurns()
    let guarding: DatabaseGuard

    func add(to routes: inout APIRoutes) {
        routes.on(.get, "/v1/members/{m}/history/export", handler: guarding.handler(export))
    }

    private func export(_ parameters: QueryParameters) async throws -> Response {
        let member = try parameters.readableMember()
        guard let format = ExportText.Format(rawValue: try parameters.value("format") ?? "csv") else {
            throw QueryParameters.invalid("format", "must be csv or ndjson")
        }
        let headers: HTTPFields = [
            .contentType: format.contentType, .contentDisposition: "attachment; filename=\"viewing-history.\(format.rawValue)\"",
        ]
        guard parameters.request.method != .head else { return Response(status: .ok, headers: headers) }
        guard let turn = turns.take(for: member) else {
            throw Problem(
                .serviceUnavailable, type: "too-many-exports", detail: "Two exports of this history are being read already: let one end.",
                headers: [.retryAfter: "10"])
        }
        let text = try await ExportText(of: member, as: format, turn: turn, pool: pool)
        // Before the answer begins, so that trouble can still be told.
        let first = try await text.next()
        return Answer.streamed(first ?? ByteBuffer(), to: parameters.request, headers: headers) { try await text.next() }
    }
}
