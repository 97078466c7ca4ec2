import Foundation
import Models
import TestSupport
import Testing

@testable import Operator

/// Clients that break rules: each costs a bounded amount, and others are served meanwhile.
@Suite(.serialized) struct HostileClientTests {
    private static let head = "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"

    private static func request(seq: Int64, isBad: Bool) throws -> String {
        var body = String(decoding: try JSONEncoder().encode(OutgoingEvent(.playing(seq: seq))), as: UTF8.self)
        if isBad { body = body.replacing("\"seq\":", with: "\"seq\":-") }
        return head + "Content-Length: \(body.utf8.count)\r\n\r\n" + body
    }

    /// It sends a byte now and then, so that it is never idle.
    @Test func aBodyThatDripsIsCutOffWith408() async throws {
        let playhead = try await Playhead([.edge], settings: ["PLAYHEAD_BODY_TIMEOUT_MS": "700", "PLAYHEAD_IDLE_TIMEOUT_MS": "60000"])
        let slow = try await RawConnection(playhead.edge)
        let began = ContinuousClock.now
        await slow.send(Self.head + "Content-Length: 100000\r\n\r\n")
        let dripping = Task {
            while await slow.send(" "), !Task.isCancelled { try await Task.sleep(for: .milliseconds(50)) }
        }
        try await playhead.post([.playing(seq: 0)])
        let (answer, hasEnded) = await slow.read()
        dripping.cancel()
        #expect(answer.hasPrefix("HTTP/1.1 408 ") && answer.contains("urn:playhead:problem:request-timeout"), "\(answer)")
        #expect(hasEnded)
        #expect((.milliseconds(600)...(.seconds(20))).contains(.now - began))
    }

    /// It is refused before its end: that is its answer, and there is no other.
    @Test func aBodyThatStallsAfterItWasRefusedIsAnsweredOnce() async throws {
        let playhead = try await Playhead([.edge], settings: ["PLAYHEAD_BODY_TIMEOUT_MS": "700", "PLAYHEAD_IDLE_TIMEOUT_MS": "60000"])
        let client = try await RawConnection(playhead.edge)
        await client.send(Self.head + "Content-Length: 3000000\r\n\r\n" + String(repeating: " ", count: 1_100_000))
        let (answer, hasEnded) = await client.read()
        #expect(answer.hasPrefix("HTTP/1.1 413 ") && answer.split(separator: "HTTP/1.1 ").count == 1, "\(answer)")
        #expect(hasEnded)
    }

    /// The body of the second of two requests in one write never comes whole: the first has its answer, and the second its own.
    @Test func aPipelinedBodyThatStallsIsAnsweredInItsTurn() async throws {
        let playhead = try await Playhead([.edge], settings: ["PLAYHEAD_BODY_TIMEOUT_MS": "700", "PLAYHEAD_IDLE_TIMEOUT_MS": "60000"])
        let client = try await RawConnection(playhead.edge)
        await client.send(try Self.request(seq: 0, isBad: false) + Self.head + "Content-Length: 100\r\n\r\n{")
        let (answer, hasEnded) = await client.read()
        #expect(answer.split(separator: "HTTP/1.1 ").map { $0.prefix(3) } == ["202", "408"], "\(answer)")
        #expect(hasEnded)
    }

    /// Requests without an end, of which it reads no answer.
    @Test func aClientThatReadsNoAnswerIsCutOff() async throws {
        let playhead = try await Playhead([.edge], settings: ["PLAYHEAD_BODY_TIMEOUT_MS": "700", "PLAYHEAD_IDLE_TIMEOUT_MS": "60000"])
        let deaf = try await RawConnection(playhead.edge)
        let requests = String(repeating: "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n", count: 1000)
        let sending = Task { while await deaf.send(requests) {} }
        try await playhead.post([.playing(seq: 0)])
        await sending.value
        // Not merely its patience has ended.
        #expect(await deaf.read().hasEnded)
    }

    @Test func largeBodiesThatStallTakeABoundedAmountAndSmallOnesAreServed() async throws {
        let playhead = try await Playhead(
            [.edge],
            settings: ["PLAYHEAD_BODY_MEMORY_MIB": "1", "PLAYHEAD_MEMBER_EVENTS_PER_SECOND": "0", "PLAYHEAD_BODY_TIMEOUT_MS": "60000"])
        var stalling: [RawConnection] = []
        for _ in 0..<3 {
            let client = try await RawConnection(playhead.edge)
            await client.send(Self.head + "Content-Length: 1000000\r\n\r\n" + String(repeating: " ", count: 500_000))
            stalling.append(client)
        }
        let large = (0..<Int64(1000)).map { PlaybackEvent.playing(seq: $0) }
        try await eventually("one more large body is too much") {
            let answer = try await playhead.send(large)
            guard answer.status == 503 else { return false }
            return answer.header("retry-after") == "1" && answer.text.contains("urn:playhead:problem:too-much-at-once")
        }
        #expect(try await playhead.send([.playing(seq: 0)]).status == 202)
        // What ends gives its share back.
        stalling = []
        try await eventually("large bodies are taken again") { try await playhead.send(large).status == 202 }
    }

    @Test func connectionsWithoutARequestAndWithHalfAHeadAreClosed() async throws {
        let playhead = try await Playhead([.edge], settings: ["PLAYHEAD_IDLE_TIMEOUT_MS": "500"])
        let silent = try await RawConnection(playhead.edge)
        let half = try await RawConnection(playhead.edge)
        await half.send("POST /v1/events HTTP/1.1\r\nHost: loc")
        #expect(await silent.read().hasEnded)
        #expect(await half.read().hasEnded)
        try await playhead.post([.playing(seq: 0)])
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        let playhead = try await Playhead([.edge, .processor])
        let client = try await RawConnection(playhead.edge)
        // Every tenth is refused.
        await client.send(try (0..<Int64(200)).map { try Self.request(seq: $0, isBad: $0 % 10 == 9) }.joined())
        var text = ""
        var statuses: [String] = []
        while statuses.count < 200 {
            let (more, hasEnded) = await client.read(upTo: 1)
            text += more
            statuses = text.matches(of: #/HTTP/1\.1 (\d+) /#).map { String($0.1) }
            if hasEnded || more.isEmpty { break }
        }
        #expect(statuses.count == 200)
        #expect(statuses.enumerated().allSatisfy { $1 == ($0 % 10 == 9 ? "422" : "202") }, "\(statuses)")
        try await playhead.settle()
        #expect(try await playhead.summaries(of: ["m-1"]).values.map(\.missingEvents) == [19])
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: localhost\r\nX-Big: " + String(repeating: "x", count: 1 << 20) + "\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\n" + String(repeating: "X-A: b\r\n", count: 5000) + "\r\n",
        "GET /" + String(repeating: "x", count: 1 << 20) + " HTTP/1.1\r\nHost: localhost\r\n\r\n", "\u{0}\u{1}\u{2} nonsense\r\n\r\n",
        "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
        "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ])
    func whatIsNoSoundRequestEndsTheConnection(request: String) async throws {
        let playhead = try await Playhead([.edge], settings: ["PLAYHEAD_IDLE_TIMEOUT_MS": "2000", "PLAYHEAD_BODY_TIMEOUT_MS": "2000"])
        let client = try await RawConnection(playhead.edge)
        await client.send(request)
        let (answer, hasEnded) = await client.read()
        #expect(hasEnded && !answer.hasPrefix("HTTP/1.1 2"), "\(answer.prefix(200))")
        try await playhead.post([.playing(seq: 0)])
    }

    @Test func aFloodOfConnectionsWaitsAndIsLetInLater() async throws {
        let playhead = try await Playhead([.edge], settings: ["PLAYHEAD_MAX_CONNECTIONS": "20", "PLAYHEAD_IDLE_TIMEOUT_MS": "500"])
        func openFiles() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/\(playhead[.edge].process.pid)/fd").count
        }
        let before = try openFiles()
        let flood = try await many(200, playhead)
        // It accepts some at a time, so a few more than twenty may be in.
        let files = try openFiles()
        #expect(files < before + 60, "\(files) open files, \(before) before")
        // Those that are in go after their idle time, twenty at a time.
        try await playhead.post([.playing(seq: 0)])
        #expect(await flood[0].read().hasEnded)
    }

    @Test func thousandsOfIdleConnectionsHoldUpNobody() async throws {
        let playhead = try await Playhead([.edge])
        let idle = try await many(2000, playhead)
        let began = ContinuousClock.now
        for _ in 0..<20 { #expect(try await HTTP.post(playhead.edge + "/v1/events", Data("[]".utf8)).status == 202) }
        #expect(.now - began < .seconds(20))
        try await playhead.post([.playing(seq: 0)])
        #expect(try residentMiB(of: playhead[.edge].process.pid) < 256)
        #expect(idle.count == 2000)
    }

    private func many(_ count: Int, _ playhead: Playhead) async throws -> [RawConnection] {
        var connections: [RawConnection] = []
        for _ in 0..<count { connections.append(try await RawConnection(playhead.edge)) }
        return connections
    }

    private func residentMiB(of process: pid_t) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let kilobytes = status.firstMatch(of: /VmRSS:\s+(\d+) kB/).flatMap { Int($0.1) }
        return try #require(kilobytes) / 1024
    }
}
