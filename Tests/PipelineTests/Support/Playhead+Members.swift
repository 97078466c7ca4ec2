import Foundation
import Models
import TestSupport

/// A session as the API shows it.
struct ShownSession: Decodable, Sendable, Hashable {
    var sessionId: String
    var titleId: String
    var watchedMs: Int64
    var revision: Int64
}

extension Playhead {
    struct Shown: Decodable { var items: [ShownSession] }

    /// The first page of a member's history.
    /// - Parameter isPatient: whether a 503 is asked again, as a client would.
    func shown(_ member: OpaqueID, token: String? = nil, isPatient: Bool = true) async throws -> [ShownSession] {
        let path = member.text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? member.text
        var items: [ShownSession] = []
        try await eventually("the history is shown") {
            let answer = try await HTTP.get(query + "/v1/members/\(path)/history", headers: Self.bearer(token))
            if isPatient, answer.status == 503 { return false }
            guard answer.status == 200 else { throw NotInTime(description: "the query service answered \(answer.status): \(answer.text)") }
            items = try answer.json(Shown.self).items
            return true
        }
        return items
    }

    func delete(_ path: String, token: String? = nil) async throws -> UInt {
        try await HTTP.send("DELETE", query + path, headers: Self.bearer(token)).status
    }

    static func bearer(_ token: String?) -> [(String, String)] {
        token.map { [("authorization", "Bearer \($0)")] } ?? []
    }
}
