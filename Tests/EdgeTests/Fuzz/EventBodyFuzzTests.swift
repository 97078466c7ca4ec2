import Foundation
import HTTPTypes
import Models
import Oracle
import ServiceKit
import TestSupport
import Testing

@testable import Edge

/// One that fails names its seed: CONTRIBUTING.md.
@Suite("JSON bodies of events, damaged at random")
struct EventBodyFuzzTests {
    @Test("are read as a slow decoder reads them, and a bad event costs no good one")
    func bodies() async throws {
        let report = try await Fuzz.run("event JSON") { random in
            let body = EventCorpus.bodies.input(using: &random)
            let request = RequestRules.read(body)
            if let difference = ReferenceComparison.difference(request, body) {
                throw Fuzz.Fault(difference, input: body)
            }
            switch request {
            case .success(let request): try RequestRules.check(request, body)
            case .failure(let problem):
                try Fuzz.require([.badRequest, .contentTooLarge].contains(problem.status), "refused with \(problem.status)", in: body)
                if problem.type == "malformed-json" { return false }
            }
            try Self.expectGoodNeighbours(of: body)
            return true
        }
        #expect(report.complaints == [])
    }

    /// Whatever a body is, as an element of an array it is one event, good or not.
    private static func expectGoodNeighbours(of body: [UInt8]) throws {
        // A byte order mark is for the beginning only.
        guard !body.starts(with: [0xef, 0xbb, 0xbf]) else { return }
        let witness = RequestRules.witness
        var all = Array("[\(witness.json),".utf8)
        all += body
        all += ",\(witness.json)]".utf8
        let request = RequestRules.read(all)
        // The array is a level too.
        if case .failure(let problem) = request, problem.detail.contains("nesting is too deep") { return }
        let drafts = try request.get().drafts
        try Fuzz.require(drafts.count == 3, "beside two others it is \(drafts.count - 2) events", in: body)
        for index in [0, 2] { try Fuzz.require(drafts[index].event == .success(witness), "it spoils event \(index)", in: body) }
    }
}
