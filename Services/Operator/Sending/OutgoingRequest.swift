import Foundation
import Models

/// A request's body while it is put together: a JSON array, and where each event stands in it.
struct OutgoingRequest: Sendable {
    private var bytes: [UInt8] = [UInt8(ascii: "[")]
    private var events: [Range<Int>] = []

    /// Writes one more event at the end.
    mutating func append(_ write: (inout [UInt8]) throws -> Void) rethrows {
        if !events.isEmpty { bytes.append(UInt8(ascii: ",")) }
        let begin = bytes.count
        try write(&bytes)
        events.append(begin..<bytes.count)
    }

    /// How many events it has.
    var count: Int { events.count }
    /// How large the body is.
    var byteCount: Int { bytes.count + 1 }
    var body: [UInt8] { bytes + [UInt8(ascii: "]")] }

    /// A request of some of the events.
    func only(_ indices: [Int]) -> OutgoingRequest {
        var request = OutgoingRequest()
        for index in indices { request.append { $0.append(contentsOf: bytes[events[index]]) } }
        return request
    }
}

extension OutgoingRequest {
    /// - Throws: ``SendError`` for events that do not encode.
    init(_ playbackEvents: [PlaybackEvent]) throws(SendError) {
        let encoder = JSONEncoder()
        for event in playbackEvents {
            guard let encoded = try? encoder.encode(OutgoingEvent(event)) else { throw SendError(description: "an event does not encode") }
            append { $0.append(contentsOf: encoded) }
        }
    }
}
