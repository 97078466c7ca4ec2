import CryptoExtras
import Foundation
import JWTKit
import Logging
import Models
import TestSupport
import Testing

@testable import Tokens

/// A file of keys, the tokens of their issuer, and a verifier of both.
private struct Fixture {
    let folder: TemporaryFolder
    let issuer = TokenIssuer()
    var file: URL { folder.url.appending(path: "jwks.json") }
    static let now: Timestamp = 1_763_700_000_000

    init() throws {
        folder = try TemporaryFolder()
        try issuer.keySet.write(to: file)
    }

    func verifier(issuer: String? = nil, audience: String? = nil) async throws -> TokenVerifier {
        try await TokenVerifier(
            path: file.path, rules: TokenRules(issuer: issuer, audience: audience),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    static func claims(
        _ member: OpaqueID? = "m-1", scopes: [TokenScope] = [], issuer: String? = nil, audience: String? = nil, lastsMs: Int64 = 60_000
    ) -> AccessToken {
        AccessToken(
            member: member, scopes: scopes, issuer: issuer, audience: audience,
            expiresAt: Date(timeIntervalSince1970: Double(now + lastsMs) / 1000))
    }
}

@Suite struct TokenVerifierTests {
    @Test func aTokenGrantsWhatItSaysUntilItExpires() async throws {
        let fixture = try Fixture()
        let verifier = try await fixture.verifier()
        let token = try await fixture.issuer.sign(Fixture.claims(scopes: [.operations, .readAnyHistory]))
        // The second time from memory.
        for _ in 0..<2 {
            let grant = try await verifier.grant(for: token, now: Fixture.now + 59_999)
            #expect(
                grant
                    == Grant(
                        member: "m-1", scopes: [.operations, .readAnyHistory], expiresAt: Fixture.now + 60_000,
                        key: fixture.issuer.kid.string))
        }
        let error = await #expect(throws: TokenError.self) { try await verifier.grant(for: token, now: Fixture.now + 60_000) }
        #expect(error?.description == "the token has expired")
    }

    @Test func issuerAndAudienceMustFitWhereTheyAreSet() async throws {
        let fixture = try Fixture()
        let verifier = try await fixture.verifier(issuer: "https://id.example", audience: "playhead")
        let good = try await fixture.issuer.sign(Fixture.claims(issuer: "https://id.example", audience: "playhead"))
        #expect(try await verifier.grant(for: good, now: Fixture.now).member == "m-1")
        for (issuer, audience) in [
            ("https://other.example", "playhead"), ("https://id.example", "other"), (nil, "playhead"), ("https://id.example", nil),
        ] {
            let token = try await fixture.issuer.sign(Fixture.claims(issuer: issuer, audience: audience))
            await #expect(throws: TokenError.self) { try await verifier.grant(for: token, now: Fixture.now) }
        }
    }

    @Test func aTokenOfAKeyThatIsNotInTheSetIsRefusedWhateverItsKidSays() async throws {
        let fixture = try Fixture()
        let verifier = try await fixture.verifier()
        let stranger = TokenIssuer()
        let unknown = try await stranger.sign(Fixture.claims())
        let error = await #expect(throws: TokenError.self) { try await verifier.grant(for: unknown, now: Fixture.now) }
        #expect(error?.description == "the token is signed by a key that is not known here")

        // The stranger's key under the kid of a known one.
        let known = fixture.issuer.pem.prefix { $0 != "\n" }
        let forger = try TokenIssuer(pem: String(known) + String(stranger.pem.drop { $0 != "\n" }))
        let forged = try await forger.sign(Fixture.claims())
        await #expect(throws: TokenError.self) { try await verifier.grant(for: forged, now: Fixture.now) }
    }

    @Test(arguments: ["", "a.b", "a.b.c", "e30.e30.", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtLTEiLCJleHAiOjk5OTk5OTk5OTl9."])
    func whatIsNoTokenIsRefused(text: String) async throws {
        let verifier = try await Fixture().verifier()
        await #expect(throws: TokenError.self) { try await verifier.grant(for: text, now: Fixture.now) }
    }

    @Test func aChangedClaimSpoilsTheSignature() async throws {
        let fixture = try Fixture()
        let token = try await fixture.issuer.sign(Fixture.claims())
        var parts = token.split(separator: ".").map(String.init)
        parts[1] = Data(#"{"sub":"m-2","exp":9999999999}"#.utf8).base64EncodedString().replacing("=", with: "")
        let verifier = try await fixture.verifier()
        await #expect(throws: TokenError.self) { try await verifier.grant(for: parts.joined(separator: "."), now: Fixture.now) }
    }

    @Test func newKeysReplaceTheOldAsAWholeAndABrokenFileReplacesNone() async throws {
        let fixture = try Fixture()
        let verifier = try await fixture.verifier()
        let old = try await fixture.issuer.sign(Fixture.claims())
        #expect(try await verifier.grant(for: old, now: Fixture.now).member == "m-1")

        for broken in ["", "{}", #"{"keys":[{"#] {
            try Data(broken.utf8).write(to: fixture.file)
            await #expect(throws: TokenError.self) { try await verifier.reread() }
            #expect(try await verifier.grant(for: old, now: Fixture.now).member == "m-1")
        }

        let successor = TokenIssuer()
        try successor.keySet.write(to: fixture.file)
        try await verifier.reread()
        let new = try await successor.sign(Fixture.claims("m-2"))
        #expect(try await verifier.grant(for: new, now: Fixture.now).member == "m-2")
        // Not from memory either.
        await #expect(throws: TokenError.self) { try await verifier.grant(for: old, now: Fixture.now) }
    }

    @Test(arguments: [#"{"keys":[]}"#, #"{"keys":[{"kty":"oct","k":"c2VjcmV0","kid":"1"}]}"#])
    func aSetWithoutAKeyWithdrawsAll(set: String) async throws {
        let fixture = try Fixture()
        let verifier = try await fixture.verifier()
        let token = try await fixture.issuer.sign(Fixture.claims())
        _ = try await verifier.grant(for: token, now: Fixture.now)
        try Data(set.utf8).write(to: fixture.file)
        try await verifier.reread()
        await #expect(throws: TokenError.self) { try await verifier.grant(for: token, now: Fixture.now) }
        // To begin with it is a mistake.
        await #expect(throws: TokenError.self) { try await fixture.verifier() }
    }

    /// JWTKit stays with the algorithm that the first token asks for, where the key names none.
    @Test func aForgedTokenDoesNotChooseTheAlgorithmOfAKey() async throws {
        let fixture = try Fixture()
        let key = try Insecure.RSA.PrivateKey(pem: _RSA.Signing.PrivateKey(keySize: .bits2048).pemRepresentation)
        let (modulus, exponent) = try key.publicKey.getKeyPrimitives()
        func base64URL(_ data: Data) -> String {
            data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        }
        let set = #"{"keys":[{"kty":"RSA","kid":"rsa","n":"\#(base64URL(modulus))","e":"\#(base64URL(exponent))"}]}"#
        try Data(set.utf8).write(to: fixture.file)
        let verifier = try await fixture.verifier()
        let forged = base64URL(Data(#"{"alg":"RS512","typ":"JWT","kid":"rsa"}"#.utf8)) + ".e30.AAAA"
        await #expect(throws: TokenError.self) { try await verifier.grant(for: forged, now: Fixture.now) }

        let signer = JWTKeyCollection()
        await signer.add(rsa: key, digestAlgorithm: .sha256, kid: "rsa")
        let good = try await signer.sign(Fixture.claims(), kid: "rsa")
        #expect(try await verifier.grant(for: good, now: Fixture.now).member == "m-1")
    }

    @Test func keysOfOtherTypesAreNoObstacle() async throws {
        let fixture = try Fixture()
        let own = try #require(String(data: fixture.issuer.keySet, encoding: .utf8)).split(separator: "[", maxSplits: 1)[1]
        let others = #"{"kty":"oct","k":"c2VjcmV0","kid":"a"},{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA","kid":"b"},{"kid":7},"#
        try Data((#"{"keys":["# + others + own).utf8).write(to: fixture.file)
        let token = try await fixture.issuer.sign(Fixture.claims())
        #expect(try await fixture.verifier().grant(for: token, now: Fixture.now).member == "m-1")
    }

    @Test func twoKeysOfOneKidAreRefused() async throws {
        let fixture = try Fixture()
        let key = try #require(String(data: fixture.issuer.keySet, encoding: .utf8)).split(separator: "[")[1].split(separator: "]")[0]
        try Data("{\"keys\":[\(key),\(key)]}".utf8).write(to: fixture.file)
        await #expect(throws: TokenError.self) { try await fixture.verifier() }
    }

    @Test func aKeyFileComesBackAsItWas() async throws {
        let issuer = TokenIssuer()
        let again = try TokenIssuer(pem: issuer.pem)
        #expect(again.pem == issuer.pem && again.keySet == issuer.keySet)
        #expect(throws: TokenError.self) { try TokenIssuer(pem: "nothing") }
    }
}
