import Foundation
import Models
import Oracle
import ServiceKit
import TestSupport
import Testing

@testable import Edge

/// The parser of requests against ``ReferenceRequest``, over random bodies.
///
/// Every run draws new cases. A case that fails names its seed, and
/// `TEST_SEED=<seed> swift test --filter EventRequestReferenceTests` runs that one again.
@Suite("Requests are read as a slow decoder reads them")
struct EventRequestReferenceTests {
    private static let cases = 10_000

    @Test("random bodies, damaged at random")
    func randomBodies() throws {
        let seeds = try RandomSession.seeds(Self.cases)
        var compared = 0
        var broken = 0
        for seed in seeds {
            var random = SeededGenerator(seed: seed)
            let body = RandomBody(using: &random)
            let request = Result { () throws(Problem) in try EventRequest(body: body.bytes, contentType: "application/json") }
            // As lines they only must not crash; mostly it is one line.
            _ = try EventRequest(body: body.bytes, contentType: "application/x-ndjson")
            let data = Data(body.bytes)
            guard !Self.hasInexactNumber(body.bytes), (try? JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)) != nil
            else { continue }
            compared += 1
            guard let fault = Self.difference(request, try? JSONDecoder().decode(ReferenceRequest.self, from: data), body) else { continue }
            Issue.record("TEST_SEED=\(seed): \(fault): \(body.text)")
            broken += 1
            if broken == 3 { return }
        }
        // Else the cases would hardly try what is read.
        guard !RandomSession.isRepeating else { return }
        #expect(compared * 3 >= seeds.count, "only \(compared) of \(seeds.count) bodies are JSON")
    }

    /// A number with a fraction or an exponent that a double may not hold exactly: the reference does not go by doubles.
    private static func hasInexactNumber(_ body: [UInt8]) -> Bool {
        let numbers = body.split { !"0123456789+-.eE".utf8.contains($0) }.map { String(decoding: $0, as: UTF8.self) }
        return numbers.contains { text in
            guard text.contains(where: { ".eE".contains($0) }), let value = Double(text) else { return false }
            return (0x1p52..<0x1p63).contains(value.magnitude)
        }
    }

    private static func difference(_ request: Result<EventRequest, Problem>, _ reference: ReferenceRequest?, _ body: RandomBody) -> String?
    {
        switch (request, reference) {
        // Foundation lets objects and arrays end with a comma.
        case (.failure(let problem), _) where problem.type == "malformed-json" && body.text.contains(/,\s*[}\]]/): return nil
        case (.failure(let problem), let reference):
            let isExcused =
                reference == nil || ["sentAt", "events"].contains { mayRepeat($0, body) && problem.detail == repeated($0) + "." }
            return problem.type == "malformed-body" && isExcused ? nil : "refused as \(problem.type): \(problem.detail)"
        case (.success, nil): return "taken, and the reference refuses it"
        case (.success(let request), let reference?):
            if request.sentAt != reference.sentAt { return "sentAt is \(String(describing: request.sentAt))" }
            if request.drafts.count != reference.events.count { return "\(request.drafts.count) events" }
            for (index, (draft, event)) in zip(request.drafts, reference.events).enumerated() where draft.event != event {
                if case .failure(let fault) = draft.event, let field = fault.field, fault.detail == repeated(field), mayRepeat(field, body)
                {
                    continue
                }
                return "event \(index) is \(draft.event), the reference has \(event)"
            }
            return nil
        }
    }

    /// Of fields that stand twice the reference takes the first.
    private static func repeated(_ field: String) -> String {
        "\(field) must not stand more than once"
    }

    private static func mayRepeat(_ field: String, _ body: RandomBody) -> Bool {
        body.text.ranges(of: "\"\(field)\"").count > 1
    }
}
