import Foundation
import Models

/// A session as the query API serves it.
struct ServedSession: Decodable, Sendable {
    let sessionId: OpaqueID
    /// Without `sequenceRuns` unless it was asked for alone.
    let view: SessionView

    private enum Key: String, CodingKey {
        case sessionId, titleId, startedAt, lastWatchedAt, positionMs, runtimeMs, watchedMs, completed, deviceId, deviceType, missingEvents
        case approximate, revision, sequenceRuns
    }

    init(sessionId: OpaqueID, view: SessionView) {
        self.sessionId = sessionId
        self.view = view
    }

    /// How many events it is made of, by its runs.
    var eventCount: Int64 { view.sequenceRuns.reduce(0) { $0 + $1[1] - $1[0] + 1 } }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        func time(_ key: Key) throws -> Timestamp {
            let text = try fields.decode(String.self, forKey: key)
            guard let time = RFC3339.parse(text), RFC3339.format(time) == text else {
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: fields, debugDescription: "'\(text)' is not an RFC 3339 time in UTC with milliseconds")
            }
            return time
        }
        sessionId = OpaqueID(try fields.decode(String.self, forKey: .sessionId))
        // It has no expected value, but it has to be there.
        _ = try fields.decode(Int64.self, forKey: .revision)
        view = SessionView(
            titleId: try fields.decode(String.self, forKey: .titleId), startedAt: try time(.startedAt),
            lastWatchedAt: try time(.lastWatchedAt), positionMs: try fields.decode(Int64.self, forKey: .positionMs),
            runtimeMs: try fields.decodeIfPresent(Int64.self, forKey: .runtimeMs),
            watchedMs: try fields.decode(Int64.self, forKey: .watchedMs), completed: try fields.decode(Bool.self, forKey: .completed),
            deviceId: try fields.decodeIfPresent(String.self, forKey: .deviceId),
            deviceType: try fields.decodeIfPresent(String.self, forKey: .deviceType),
            missingEvents: try fields.decode(Int64.self, forKey: .missingEvents),
            approximate: try fields.decodeIfPresent(Bool.self, forKey: .approximate) ?? false,
            sequenceRuns: try fields.decodeIfPresent([[Int64]].self, forKey: .sequenceRuns) ?? [])
    }
}

/// A page of history.
struct ServedHistory: Decodable, Sendable {
    let items: [ServedSession]
    let nextCursor: String?
}

/// A title to go on with.
struct ServedBookmark: Codable, Sendable, Hashable, CustomStringConvertible {
    let titleId: String
    let positionMs: Int64
    let runtimeMs: Int64?
    let progress: Double?
    let lastWatchedAt: String
    let sessionId: String

    /// As the API has it.
    var description: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? sessionId
    }
}

/// The rows of continue-watching.
struct ServedContinueWatching: Decodable, Sendable {
    let items: [ServedBookmark]
}
