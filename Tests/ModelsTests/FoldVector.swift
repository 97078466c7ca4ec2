import Foundation
import Models
import Testing

/// One case of session-fold.json: events in an order of arrival, and what a reader must see. It was worked out by a program that shares
/// nothing with this one.
struct FoldVector: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let events: [Event]
    let expect: Expectation

    var testDescription: String { name }

    struct Event: Decodable, Sendable {
        let seq: Int64
        let kind: String
        let titleId: String
        let positionMs: Int64
        let fromPositionMs: Int64?
        let runtimeMs: Int64?
        let occurredAt: Timestamp
        let deviceId: String?
        let deviceType: String?
        let skewMs: Int64?
    }

    /// An absent value must be absent from the summary too.
    struct Expectation: Decodable, Sendable {
        let titleId: String
        let startedAt: Timestamp
        let lastWatchedAt: Timestamp
        let positionMs: Int64
        let runtimeMs: Int64?
        let watchedMs: Int64
        let completed: Bool
        let deviceId: String?
        let deviceType: String?
        let missingEvents: Int64
        let approximate: Bool?
        let sequenceRuns: [[Int64]]
    }

    static func load() throws -> [FoldVector] {
        let file = try #require(Bundle.module.url(forResource: "session-fold", withExtension: "json"))
        return try JSONDecoder().decode([FoldVector].self, from: Data(contentsOf: file))
    }

    func playbackEvents() throws -> [PlaybackEvent] {
        try events.map { event in
            PlaybackEvent(
                memberId: "m-42", sessionId: "s-1", seq: event.seq, kind: try #require(EventKind(rawValue: event.kind)),
                titleId: OpaqueID(event.titleId), positionMs: event.positionMs, fromPositionMs: event.fromPositionMs,
                runtimeMs: event.runtimeMs, occurredAt: event.occurredAt, deviceId: event.deviceId, deviceType: event.deviceType,
                receivedAt: event.occurredAt, skewMs: event.skewMs ?? 0)
        }
    }
}
