import Foundation
import JWTKit
import Models

/// Makes keys and tokens, for development and for trying things out: who has members has an identity provider.
public struct TokenIssuer: Sendable {
    let kid: JWKIdentifier
    private let key: ES256PrivateKey

    /// A new key (ECDSA on P-256).
    public init() {
        kid = JWKIdentifier(string: UUID().uuidString.lowercased())
        key = ES256PrivateKey()
    }

    /// A key that was made before.
    /// - Parameter pem: what ``pem`` gave.
    /// - Throws: ``TokenError``
    public init(pem: String) throws(TokenError) {
        let lines = pem.split(separator: "\n", maxSplits: 1).map(String.init)
        guard let comment = lines.first, comment.hasPrefix(Self.kidComment), lines.count == 2,
            let key = try? ES256PrivateKey(pem: lines[1])
        else { throw TokenError("not a signing key of playhead token") }
        kid = JWKIdentifier(string: String(comment.dropFirst(Self.kidComment.count)))
        self.key = key
    }

    /// The private key with its `kid`: whoever reads it can make tokens for everybody.
    public var pem: String { "\(Self.kidComment)\(kid.string)\n\(key.pemRepresentation)\n" }

    /// The public half as a JSON Web Key Set, for `PLAYHEAD_JWKS_FILE`.
    public var keySet: Data {
        let parameters = key.publicKey.parameters
        let jwk = JWK.ecdsa(.es256, identifier: kid, x: Self.base64URL(parameters?.x), y: Self.base64URL(parameters?.y), curve: .p256)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        // A key always encodes.
        return (try? encoder.encode(JWKS(keys: [jwk]))) ?? Data()
    }

    /// - Throws: ``TokenError``
    public func sign(_ token: AccessToken) async throws(TokenError) -> String {
        do {
            return try await JWTKeyCollection().add(ecdsa: key, kid: kid).sign(token, kid: kid)
        } catch {
            throw TokenError("the token cannot be signed: \(error)")
        }
    }

    /// JWTKit gives plain base64, which its own reader takes too; RFC 7518 section 6.2.1 wants the other.
    private static func base64URL(_ base64: String?) -> String? {
        base64?.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private static let kidComment = "# kid "
}
