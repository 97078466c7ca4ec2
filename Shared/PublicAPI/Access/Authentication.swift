import Foundation
import HTTPTypes
import Models
import ServiceKit
import Tokens

/// Who sends a request, by its token.
public struct Authentication: Sendable {
    /// nil: nothing authenticates requests.
    let verifier: TokenVerifier?

    /// Whether what was granted by a key is granted still.
    public func isInForce(_ grant: Grant) -> Bool {
        guard let verifier, let key = grant.key else { return true }
        return verifier.isInForce(key: key)
    }

    /// - Throws: ``Problem`` 401 without a token that is good.
    func grant(for request: HTTPRequest) async throws(Problem) -> Grant {
        guard let verifier else { return .everything }
        guard let header = request.headerFields[.authorization] else {
            throw Self.unauthorized("A token is needed: Authorization: Bearer TOKEN.", challenge: "Bearer realm=\"playhead\"")
        }
        guard let token = Self.bearerToken(header) else {
            throw Self.unauthorized(
                "Authorization must be of the form: Bearer TOKEN.", challenge: "Bearer realm=\"playhead\", error=\"invalid_request\"")
        }
        do {
            return try await verifier.grant(for: token, now: Int64(Date.now.timeIntervalSince1970 * 1000))
        } catch {
            throw Self.unauthorized("\(error).", challenge: "Bearer realm=\"playhead\", error=\"invalid_token\"")
        }
    }

    /// Source: RFC 6750 section 2.1. The scheme's name is not case-sensitive.
    private static func bearerToken(_ header: String) -> String? {
        let parts = header.split(separator: " ", omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
    }

    /// The same answer whatever is asked for, so that it tells nothing of what there is.
    private static func unauthorized(_ detail: String, challenge: String) -> Problem {
        let detail = detail.prefix(1).uppercased() + detail.dropFirst()
        return Problem(.unauthorized, type: "unauthorized", detail: detail, headers: [.wwwAuthenticate: challenge])
    }
}

extension Problem {
    /// What the token does not grant. It does not depend on whether there is anything to be had.
    public static func forbidden(_ detail: String) -> Problem {
        Problem(
            .forbidden, type: "forbidden", detail: detail,
            headers: [.wwwAuthenticate: "Bearer realm=\"playhead\", error=\"insufficient_scope\""])
    }
}
