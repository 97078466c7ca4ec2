import Foundation
import HistoryStore
import Hummingbird
import Models
import ServiceKit

/// The parameters of a request, checked, with a 400 that names the one at fault.
struct QueryParameters {
    static let defaultLimit = 50
    static let limits = 1...1000

    let request: Request
    let context: BasicRequestContext

    /// A part of the path, percent-decoded.
    func id(_ name: String) throws(Problem) -> OpaqueID {
        guard let raw = context.parameters.get(name), let text = raw.removingPercentEncoding else {
            throw Self.invalid(name, "must be percent-encoded UTF-8")
        }
        return try Self.checked(text, name)
    }

    func limit() throws(Problem) -> Int {
        guard let text = value("limit") else { return Self.defaultLimit }
        guard let limit = Int(text), Self.limits.contains(limit) else { throw Self.invalid("limit", "must be an integer from 1 to 1000") }
        return limit
    }

    func cursor() throws(Problem) -> HistoryCursor? {
        guard let text = value("cursor") else { return nil }
        guard let cursor = HistoryCursor(token: text) else { throw Self.invalid("cursor", "must be the nextCursor of an earlier answer") }
        return cursor
    }

    func filter() throws(Problem) -> HistoryReader.Filter {
        HistoryReader.Filter(titleId: try titleId(), from: try time("from"), to: try time("to"))
    }

    private func titleId() throws(Problem) -> OpaqueID? {
        guard let text = value("titleId") else { return nil }
        return try Self.checked(text, "titleId")
    }

    private static func checked(_ id: String, _ name: String) throws(Problem) -> OpaqueID {
        do {
            try EventLimits.validate(id: id, name)
            return OpaqueID(id)
        } catch {
            throw Problem(.badRequest, type: "invalid-parameter", detail: "\(error.detail).")
        }
    }

    private func time(_ name: String) throws(Problem) -> Timestamp? {
        guard let text = value(name) else { return nil }
        guard let time = RFC3339.parse(text) else { throw Self.invalid(name, "must be an RFC 3339 time such as 2026-11-20T20:15:03Z") }
        return time
    }

    private func value(_ name: String) -> String? {
        request.uri.queryParameters[Substring(name)].map(String.init)
    }

    private static func invalid(_ name: String, _ rule: String) -> Problem {
        Problem(.badRequest, type: "invalid-parameter", detail: "\(name) \(rule).")
    }
}
