import Foundation
import JWTKit

/// The keys of a JSON Web Key Set (RFC 7517), by their `kid`.
final class KeySet: Sendable {
    /// What stands of a key that cannot be used, and why.
    typealias Unusable = String

    let identifiers: Set<String>
    /// Of the keys that were passed over, as an issuer may have some for other purposes.
    let unusable: [Unusable]
    private let keys: JWTKeyCollection

    /// - Throws: ``TokenError`` for what is no set, or has two keys of one `kid`.
    init(json: Data) async throws(TokenError) {
        guard let set = try? JSONDecoder().decode(Elements.self, from: json) else {
            throw TokenError("not a JSON Web Key Set: an object with an array 'keys' of keys")
        }
        keys = JWTKeyCollection()
        var identifiers: Set<String> = []
        var unusable: [Unusable] = []
        for (index, element) in set.keys.enumerated() {
            guard var key = element.key, let identifier = key.keyIdentifier?.string, !identifier.isEmpty else {
                unusable.append("key \(index): it has no kid, or is of a type that is not supported")
                continue
            }
            guard identifiers.insert(identifier).inserted else { throw TokenError("two keys have the kid '\(identifier)'") }
            key.algorithm = key.algorithm ?? Self.usualAlgorithm(of: key)
            do {
                try await keys.add(jwk: key)
            } catch {
                identifiers.remove(identifier)
                unusable.append("key \(index): \(error)")
            }
        }
        self.identifiers = identifiers
        self.unusable = unusable
    }

    /// That of a key that names none, as it need not (RFC 7517 section 4.4). JWTKit would take the algorithm that the first token to name the
    /// key asks for, forged or not, and stay with it.
    private static func usualAlgorithm(of key: JWK) -> JWK.Algorithm? {
        switch (key.keyType, key.curve?.rawValue) {
        case (.rsa, _): .rs256
        case (.ecdsa, "P-256"): .es256
        case (.ecdsa, "P-384"): .es384
        case (.ecdsa, "P-521"): .es512
        case (.octetKeyPair, _): .eddsa
        default: nil
        }
    }

    /// Checks the signature, not the claims.
    /// - Throws: ``TokenError``
    func verify(_ token: String) async throws(TokenError) -> AccessToken {
        // JWTKit takes its first key for a kid that it does not know.
        let header = try Self.header(of: token)
        guard let kid = header.kid else { throw TokenError("the token names no key (kid)") }
        guard identifiers.contains(kid) else { throw TokenError("the token is signed by a key that is not known here") }
        // Extensions that must be understood: RFC 7515 section 4.1.11.
        guard header.crit == nil else { throw TokenError("the token demands extensions that are not supported") }
        do {
            var verified: AccessToken = try await keys.verify(token)
            verified.key = kid
            return verified
        } catch {
            throw TokenError("the token's signature or its claims cannot be verified")
        }
    }

    private struct Header: Decodable {
        var kid: String?
        var crit: [String]?
    }

    private static func header(of token: String) throws(TokenError) -> Header {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw TokenError("the token is no JSON Web Token") }
        var base64 = String(parts[0]).replacing("-", with: "+").replacing("_", with: "/")
        base64 += String(repeating: "=", count: (4 - base64.count % 4) % 4)
        guard let data = Data(base64Encoded: base64), let header = try? JSONDecoder().decode(Header.self, from: data) else {
            throw TokenError("the token's header cannot be read")
        }
        return header
    }

    private struct Elements: Decodable {
        var keys: [Element]
    }

    /// One that this version does not understand must not spoil the others.
    private struct Element: Decodable {
        var key: JWK?

        init(from decoder: any Decoder) throws {
            key = try? JWK(from: decoder)
        }
    }
}
