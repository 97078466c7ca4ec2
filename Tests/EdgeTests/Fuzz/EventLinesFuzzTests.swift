import Models
import Oracle
import ServiceKit
import TestSupport
import Testing

@testable import Edge

/// One that fails names its seed: CONTRIBUTING.md.
@Suite("NDJSON bodies of events, damaged at random")
struct EventLinesFuzzTests {
    private static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]
    private static let blanks: [UInt8] = [0x20, 0x09, 0x0d]

    @Test("each line is read as if it were alone")
    func lines() async throws {
        let report = try await Fuzz.run("NDJSON") { random in
            let body = Self.body(using: &random)
            let request = try RequestRules.read(body, as: "application/x-ndjson").get()
            try RequestRules.check(request, body)
            let content = body.starts(with: Self.byteOrderMark) ? body.dropFirst(3) : body[...]
            let lines = content.split(separator: 0x0a).filter { line in line.contains { !Self.blanks.contains($0) } }
            try Fuzz.require(lines.count == request.drafts.count, "\(lines.count) lines are \(request.drafts.count) events", in: body)
            var areJSON = !lines.isEmpty
            for (index, (line, draft)) in zip(lines, request.drafts).enumerated() {
                switch Self.alone(line) {
                case .event(let event): try Fuzz.require(draft.event == event, "line \(index) is \(draft.event), not \(event)", in: body)
                case .noJSON:
                    areJSON = false
                    try Fuzz.require((try? draft.event.get()) == nil, "line \(index) is taken", in: body)
                case .unknown: areJSON = false
                }
            }
            return areJSON
        }
        #expect(report.complaints == [])
    }

    private enum Line {
        case event(Result<PlaybackEvent, EventFault>)
        case noJSON
        /// JSON, but in an array too deep.
        case unknown
    }

    private static func alone(_ line: ArraySlice<UInt8>) -> Line {
        var array: [UInt8] = [UInt8(ascii: "[")]
        array += line
        array.append(UInt8(ascii: "]"))
        switch RequestRules.read(array) {
        case .success(let request): return request.drafts.count == 1 ? .event(request.drafts[0].event) : .noJSON
        case .failure(let problem): return problem.detail.contains("nesting is too deep") ? .unknown : .noJSON
        }
    }

    private static let ends: [String] = ["\n", "\n", "\r\n", "\n\n", "\n \t\r\n"]

    /// One to five lines, of which half are damaged; now and then what is between them, too.
    private static func body(using random: inout SeededGenerator) -> [UInt8] {
        var body: [UInt8] = []
        for _ in 0..<Int.random(in: 1...5, using: &random) {
            if random.chance(50) {
                body += EventCorpus.lines.input(using: &random)
            } else {
                body += EventCorpus.events[Int.random(in: 0..<EventCorpus.events.count, using: &random)].utf8
            }
            body += ends[Int.random(in: 0..<ends.count, using: &random)].utf8
        }
        if random.chance(20) { _ = body.popLast() }
        if random.chance(5) { body.insert(contentsOf: byteOrderMark, at: 0) }
        if random.chance(5), !body.isEmpty { body[Int.random(in: 0..<body.count, using: &random)] = 0x0a }
        return body
    }
}
