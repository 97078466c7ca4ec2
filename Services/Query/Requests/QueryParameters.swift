import Foundation
import HistoryStore
import Hummingbird
import Models
import PublicAPI
import ServiceKit
import Tokens

/// The parameters of a request, checked, with a 400 that names the one at fault.
struct QueryParameters {
    static let defaultLimit = 50
    static let limits = 1...1000

    let request: Request
    let context: APIContext

    /// The member of the path, whose history the request may read.
    /// - Throws: 403 for another, whether or not there is such a member.
    func readableMember() throws(Problem) -> OpaqueID {
        let member = try id("m")
        guard context.grant.mayReadHistory(of: member) else {
            throw .forbidden(
                "The token may read its own member's history only; it needs the scope \(TokenScope.readAnyHistory.rawValue) for others.")
        }
        return member
    }

    /// The member of the path, whose history the request may change.
    /// - Throws: 403 for another, whether or not there is such a member.
    func writableMember() throws(Problem) -> OpaqueID {
        let member = try id("m")
        guard context.grant.mayWriteHistory(of: member) else {
            throw .forbidden(
                "The token may change its own member's history only; it needs the scope \(TokenScope.writeAnyHistory.rawValue) for others.")
        }
        return member
    }

    /// A part of the path, percent-decoded.
    func id(_ name: String) throws(Problem) -> OpaqueID {
        guard let raw = context.parameters.get(name), let text = raw.removingPercentEncoding else {
            throw Self.invalid(name, "must be percent-encoded UTF-8")
        }
        return try Self.checked(text, name)
    }

    func limit() throws(Problem) -> Int {
        guard let text = try value("limit") else { return Self.defaultLimit }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let limit = Int(text), Self.limits.contains(limit) else {
            throw Self.invalid("limit", "must be an integer from 1 to 1000")
        }
        return limit
    }

    func cursor() throws(Problem) -> HistoryCursor? {
        guard let text = try value("cursor") else { return nil }
        guard let cursor = HistoryCursor(token: text) else { throw Self.invalid("cursor", "must be the nextCursor of an earlier answer") }
        return cursor
    }

    func filter() throws(Problem) -> HistoryReader.Filter {
        HistoryReader.Filter(titleId: try titleId(), from: try time("from"), to: try time("to"))
    }

    private func titleId() throws(Problem) -> OpaqueID? {
        guard let text = try value("titleId") else { return nil }
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
        guard let text = try value(name) else { return nil }
        guard let time = RFC3339.parse(text) else { throw Self.invalid(name, "must be an RFC 3339 time such as 2026-11-20T20:15:03Z") }
        return time
    }

    /// In days since 1970-01-01.
    func day(_ name: String) throws(Problem) -> Int64? {
        guard let text = try value(name) else { return nil }
        guard let day = CalendarDay.parse(text) else { throw Self.invalid(name, "must be a day from 1970-01-01 on, such as 2026-11-20") }
        return day
    }

    /// A parameter of the query, percent-decoded. A plus sign stands for itself, as in the offset of a time.
    func value(_ name: String) throws(Problem) -> String? {
        for parameter in (request.uri.query ?? "").split(separator: "&") {
            let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts[0] == name else { continue }
            guard let text = parts.count == 2 ? parts[1].removingPercentEncoding : "" else {
                throw Self.invalid(name, "must be percent-encoded UTF-8")
            }
            return text
        }
        return nil
    }

    static func invalid(_ name: String, _ rule: String) -> Problem {
        Problem(.badRequest, type: "invalid-parameter", detail: "\(name) \(rule).")
    }
}
