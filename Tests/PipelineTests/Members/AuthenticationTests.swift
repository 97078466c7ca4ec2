import Foundation
import Models
import TestSupport
import Testing
import Tokens

@testable import Operator

/// One member's token never reads, changes or reveals the existence of another member's data.
@Suite(.serialized) struct AuthenticationTests {
    private let folder: TemporaryFolder
    private let issuer = TokenIssuer()
    private let playhead: Playhead

    init() async throws {
        folder = try TemporaryFolder()
        let file = folder.url.appending(path: "jwks.json")
        try issuer.keySet.write(to: file)
        playhead = try await Playhead(settings: ["PLAYHEAD_JWKS_FILE": file.path, "PLAYHEAD_JWT_AUDIENCE": "playhead"])
    }

    private func token(_ member: OpaqueID?, _ scopes: [TokenScope] = [], lasting seconds: Double = 600) async throws -> String {
        try await issuer.sign(
            AccessToken(member: member, scopes: scopes, issuer: nil, audience: "playhead", expiresAt: .now + seconds))
    }

    private func post(_ events: [PlaybackEvent], token: String?) async throws -> HTTP.Answer {
        try await HTTP.post(
            playhead.edge + "/v1/events", JSONEncoder().encode(events.map(OutgoingEvent.init)), headers: Playhead.bearer(token))
    }

    private static let reads = [
        "history", "history?limit=1", "continue-watching", "titles/t/bookmark", "sessions/s-1", "history/export?format=csv",
        "history/export?format=ndjson", "history/live",
    ]
    private static let writes = ["history/t", "history/export", "history/live", "history", "continue-watching/t", ""]

    private static func url(_ query: String, _ member: String, _ rest: String) -> String {
        query + "/v1/members/" + member + (rest.isEmpty ? "" : "/" + rest)
    }

    @Test func nobodyReachesAnotherMember() async throws {
        let watched: [PlaybackEvent] = [.playing(member: "victim", seq: 0), .playing(member: "victim", seq: 1)]
        #expect(try await post(watched, token: token(nil, [.writeAnyEvents])).status == 202)
        try await playhead.settle()
        let stranger = try await token("stranger")
        let reader = try await token("stranger", [.readAnyHistory])
        for (method, paths) in [("GET", Self.reads), ("HEAD", Self.reads), ("DELETE", Self.writes)] {
            for path in paths {
                let url = Self.url(playhead.query, "victim", path)
                let none = try await HTTP.send(method, url)
                #expect(none.status == 401 && none.header("www-authenticate")?.hasPrefix("Bearer ") == true, "\(method) \(path)")
                let foreign = try await HTTP.send(method, url, headers: Playhead.bearer(stranger))
                #expect(foreign.status == 403, "\(method) \(path)")
                let spelled = try await HTTP.send(method, Self.url(playhead.query, "%76ictim", path), headers: Playhead.bearer(stranger))
                #expect(spelled.status == 403, "\(method) \(path)")
                // The answer is the same where there is no such member.
                let nobody = try await HTTP.send(method, Self.url(playhead.query, "nobody", path), headers: Playhead.bearer(stranger))
                #expect(nobody.status == 403 && nobody.body == foreign.body, "\(method) \(path)")
                if method == "DELETE" {
                    #expect(try await HTTP.send(method, url, headers: Playhead.bearer(reader)).status == 403, "reading is not writing")
                }
            }
        }
        #expect(try await playhead.shown("victim", token: reader).count == 1, "nothing was hidden or erased")
        #expect(try await playhead.shown("victim", token: token("victim")).count == 1)
        #expect(try await HTTP.get(playhead.query + "/v1/ops/pipeline", headers: Playhead.bearer(reader)).status == 403)
        #expect(try await HTTP.get(playhead.query + "/v1/ops/pipeline", headers: Playhead.bearer(token(nil, [.operations]))).status == 200)
    }

    @Test func eventsOfOthersAreRejectedAlone() async throws {
        let own = try await token("m-1")
        let mixed = try await post(
            [.playing(member: "m-1", seq: 0), .playing(member: "m-2", seq: 0), .playing(member: "m-1", seq: 1)], token: own)
        let receipt: Receipt = try mixed.json()
        #expect(mixed.status == 202 && receipt.accepted == 2)
        #expect(receipt.rejected.map(\.index) == [1] && receipt.rejected.map(\.type) == ["urn:playhead:problem:other-member"])
        #expect(receipt.rejected.map(\.retryable) == [false])

        let foreign = try await post([.playing(member: "m-2", seq: 0)], token: own)
        #expect(foreign.status == 403 && foreign.header("www-authenticate")?.contains("insufficient_scope") == true)
        #expect(try await post([.playing(member: "m-2", seq: 0)], token: token(nil, [.writeAnyEvents])).status == 202)
        #expect(try await post([.playing(member: "m-1", seq: 3)], token: nil).status == 401)
        #expect(try await post([.playing(member: "m-1", seq: 3)], token: token("m-1", lasting: -10)).status == 401)
        try await playhead.settle()
        #expect(try await playhead.summaries(of: ["m-1", "m-2"]).count == 2)
    }

    /// Keys may be named by any host then.
    @Test func withTokensTheHostDoesNotMatter() async throws {
        let url = playhead.query + "/v1/members/m-1/history"
        let answer = try await HTTP.get(url, headers: Playhead.bearer(token("m-1")) + [("host", "history.example")])
        #expect(answer.status == 200)
    }

    @Test func whatIsForEverybodyNeedsNoToken() async throws {
        let page = try await HTTP.get(playhead.query + "/")
        #expect(page.status == 200 && page.header("content-security-policy")?.contains("default-src 'none'") == true)
        #expect(try await HTTP.send("OPTIONS", playhead.query + "/v1/members/m/history").header("allow") == "GET, HEAD, DELETE, OPTIONS")
    }

    @Test func newKeysAreUsedWithoutARestart() async throws {
        let successor = TokenIssuer()
        let old = try await token("m-1")
        #expect(try await HTTP.get(playhead.query + "/v1/members/m-1/history", headers: Playhead.bearer(old)).status == 200)
        try successor.keySet.write(to: folder.url.appending(path: "jwks.json"))
        try await eventually("the former key is not taken any more") {
            try await HTTP.get(playhead.query + "/v1/members/m-1/history", headers: Playhead.bearer(old)).status == 401
        }
        let new = try await successor.sign(
            AccessToken(member: "m-1", scopes: [], issuer: nil, audience: "playhead", expiresAt: .now + 600))
        #expect(try await HTTP.get(playhead.query + "/v1/members/m-1/history", headers: Playhead.bearer(new)).status == 200)
    }
}
