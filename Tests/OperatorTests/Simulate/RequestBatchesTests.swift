import Foundation
import JSONBytes
import Models
import Testing

@testable import Operator

@Suite("The requests of a simulation")
struct RequestBatchesTests {
    private static func batches(_ size: Int, _ change: (inout SimulationPlan) -> Void = { _ in }) -> [OutgoingBatch] {
        Array(RequestBatches(SimulationPlan.sample(change).deliveries, eventsPerRequest: size))
    }

    /// As many values of one event as can be compared.
    private static func values(_ json: Data) throws -> [[String: String]] {
        let objects = try #require(try JSONSerialization.jsonObject(with: json) as? [[String: Any]])
        return objects.map { $0.mapValues { "\($0)" } }
    }

    @Test("have as many events as was asked for, but at the end", arguments: [1, 7, 100, 1000])
    func size(of size: Int) throws {
        let batches = Self.batches(size) { $0.sessions = 100 }
        // The last may have copies alone that could not go with their originals in the one before.
        #expect(batches.dropLast(2).allSatisfy { $0.items.count == size })
        #expect((1...size).contains(try #require(batches.last).items.count))
        var preceding = 0
        for batch in batches {
            #expect(batch.preceding == preceding && batch.request.count == batch.items.count)
            preceding += batch.items.count
        }
        #expect(preceding == Array(SimulationPlan.sample { $0.sessions = 100 }.deliveries).count)
    }

    @Test("never hold an event and its copy", arguments: [2, 100, 1000])
    func copies(size: Int) {
        for batch in Self.batches(size, { $0.perturbation.duplicates = 1 }) {
            #expect(Set(batch.items.map { "\($0.session.number)/\($0.event)" }).count == batch.items.count)
        }
    }

    @Test("say of each event what the sender of an import would say")
    func content() throws {
        var withOrigin = 0
        for batch in Self.batches(100) {
            let events = batch.items.map { $0.session.event($0.event) }
            withOrigin += events.count { $0.fromPositionMs != nil }
            let written = try Self.values(Data(batch.request.body))
            #expect(try written == Self.values(JSONEncoder().encode(events.map(OutgoingEvent.init))))
            #expect(batch.request.byteCount == batch.request.body.count)
        }
        #expect(withOrigin > 0)
    }

    @Test("stay below 1 MiB however long the ids are")
    func bytes() {
        let batches = Self.batches(1000) {
            $0.prefix = String(repeating: "\"", count: 200)
            $0.perturbation.duplicates = 1
            $0.sessions = 200
        }
        #expect(batches.allSatisfy { $0.request.byteCount <= 1 << 20 } && batches.contains { $0.items.count > 900 })
    }

    @Test("can be made of some events of another")
    func some() throws {
        var request = OutgoingRequest()
        for number in 0..<5 { request.append { $0.append(decimal: Int64(number * 11)) } }
        #expect(String(decoding: request.body, as: UTF8.self) == "[0,11,22,33,44]")
        #expect(String(decoding: request.only([1, 4]).body, as: UTF8.self) == "[11,44]")
        #expect(String(decoding: OutgoingRequest().body, as: UTF8.self) == "[]")
    }
}

@Suite("JSON written by hand")
struct JSONBytesTests {
    @Test("has integers", arguments: [0, 1, -1, 9, 10, 1_763_700_000_000, .max, .min] as [Int64])
    func integers(value: Int64) {
        var bytes: [UInt8] = []
        bytes.append(decimal: value)
        #expect(String(decoding: bytes, as: UTF8.self) == "\(value)")
    }

    @Test("has texts that a reader reads back", arguments: ["", "plain", "\"\\/", "é🎬", "\u{0}\u{1f}\n\u{7f}"])
    func texts(text: String) throws {
        var bytes: [UInt8] = []
        bytes.append(quoted: text)
        #expect(try JSONDecoder().decode(String.self, from: Data(bytes)).utf8.elementsEqual(text.utf8))
    }
}
