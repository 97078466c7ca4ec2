import Foundation
import JWTKit
import Models

/// The claims of a token that Playhead looks at. Source: RFC 7519 section 4.1; `scope` is that of RFC 8693 section 4.2.
public struct AccessToken: JWTPayload, Equatable {
    /// The member that the token stands for.
    public var sub: String?
    public var exp: ExpirationClaim
    public var nbf: NotBeforeClaim?
    public var iss: String?
    public var aud: AudienceClaim?
    /// Words separated by spaces. Those that Playhead does not know are passed over.
    public var scope: String?
    /// The `kid` of the key that signed it, once it is verified: no claim.
    var key: String?

    private enum CodingKeys: String, CodingKey {
        case sub, exp, nbf, iss, aud, scope
    }

    public init(
        member: OpaqueID?, scopes: [TokenScope], issuer: String?, audience: String?, expiresAt: Date
    ) {
        sub = member?.text
        exp = ExpirationClaim(value: expiresAt)
        iss = issuer
        aud = audience.map { AudienceClaim(value: $0) }
        scope = scopes.isEmpty ? nil : scopes.map(\.rawValue).joined(separator: " ")
    }

    /// Times and addressees depend on the clock and the settings: see ``TokenVerifier``.
    public func verify(using _: some JWTAlgorithm) {}

    /// - Throws: ``TokenError`` where the claims do not hold.
    func grant(at now: Timestamp, rules: TokenRules) throws(TokenError) -> Grant {
        let expiresAt = Self.milliseconds(exp.value)
        guard now < expiresAt else { throw TokenError("the token has expired") }
        if let nbf, Self.milliseconds(nbf.value) > now + rules.clockSkewMs { throw TokenError("the token is not valid yet") }
        if let issuer = rules.issuer, iss != issuer { throw TokenError("the token is of another issuer") }
        if let audience = rules.audience, aud?.value.contains(audience) != true { throw TokenError("the token is for another audience") }
        if let sub, (try? EventLimits.validate(id: sub, "sub")) == nil { throw TokenError("the token's sub can be no member") }
        let words = (scope ?? "").split(separator: " ")
        return Grant(
            member: sub.map { OpaqueID($0) }, scopes: Set(words.compactMap { TokenScope(rawValue: String($0)) }), expiresAt: expiresAt,
            key: key)
    }

    /// Of a date that may lie anywhere.
    private static func milliseconds(_ date: Date) -> Timestamp {
        let milliseconds = date.timeIntervalSince1970 * 1000
        return milliseconds.isNaN ? .min : Timestamp(min(max(milliseconds, -9e15), 9e15))
    }
}

/// What a token must say to be taken.
public struct TokenRules: Sendable, Hashable {
    /// `iss`; nil: any.
    public var issuer: String?
    /// One of `aud`; nil: any.
    public var audience: String?
    /// How far the issuer's clock may be ahead of ours.
    let clockSkewMs: Int64 = 30_000

    public init(issuer: String?, audience: String?) {
        self.issuer = issuer
        self.audience = audience
    }
}
