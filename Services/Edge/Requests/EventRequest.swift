import CSimdjson
import HTTPTypes
import Models
import ServiceKit

/// The body of `POST /v1/events` in one of its four shapes: an event, an array, `{"sentAt":…,"events":[…]}`, or NDJSON.
struct EventRequest {
    static let maximalEvents = 1000
    static let maximalBytes = 1 << 20

    var sentAt: Timestamp?
    var drafts: [EventDraft] = []

    /// - Throws: ``Problem`` 400 for what is no JSON of these shapes, 413 for too many events, 415 for another media type.
    init(body: some Collection<UInt8>, contentType: String?) throws(Problem) {
        guard let format = BodyFormat(contentType: contentType) else {
            throw Problem(
                .unsupportedMediaType, type: "unsupported-media-type",
                detail: "Content-Type must be application/json or application/x-ndjson, not '\(contentType ?? "absent")'.")
        }
        func read(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<Self, Problem> {
            Result { () throws(Problem) in try Self(bytes, format) }
        }
        self = try (body.withContiguousStorageIfAvailable(read) ?? Array(body).withUnsafeBufferPointer(read)).get()
    }

    private init(_ body: UnsafeBufferPointer<UInt8>, _ format: BodyFormat) throws(Problem) {
        let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]
        let body = body.starts(with: byteOrderMark) ? UnsafeBufferPointer(rebasing: body.dropFirst(byteOrderMark.count)) : body
        switch format {
        case .json: try self.init(json: body)
        case .lines: try self.init(lines: body)
        }
    }

    private init(json body: UnsafeBufferPointer<UInt8>) throws(Problem) {
        let parser = EventParser(body)
        let parsed: playhead_json_body
        do {
            parsed = try parser.parseBody()
        } catch {
            throw Problem(.badRequest, type: "malformed-json", detail: "The body is not valid JSON\(error.reason).")
        }
        try Self.checkShape(parsed)
        let sentAt = EventField("sentAt", parsed.sent_at)
        do {
            self.sentAt = try sentAt.optionalTime()
        } catch {
            throw Self.malformed("\(error.detail).")
        }
        guard parsed.count <= Self.maximalEvents else { throw Self.tooManyEvents }
        drafts.reserveCapacity(parsed.count)
        var event = playhead_json_event()
        while parser.next(into: &event) { drafts.append(EventDraft(event)) }
    }

    /// A bad line is that line's rejection; blank lines are skipped and not counted.
    private init(lines body: UnsafeBufferPointer<UInt8>) throws(Problem) {
        let parser = EventParser(body)
        var event = playhead_json_event()
        var start = 0
        while start < body.count {
            let end = body[start...].firstIndex(of: UInt8(ascii: "\n")) ?? body.count
            defer { start = end + 1 }
            if body[start..<end].allSatisfy(Self.isBlank) { continue }
            guard drafts.count < Self.maximalEvents else { throw Self.tooManyEvents }
            do {
                try parser.parseEvent(in: start..<end)
                if parser.next(into: &event) { drafts.append(EventDraft(event)) }
            } catch {
                drafts.append(EventDraft(event: .failure(EventFault("the line is not valid JSON\(error.reason)"))))
            }
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\t")
    }

    private static func checkShape(_ body: playhead_json_body) throws(Problem) {
        switch Int(body.shape) {
        case PLAYHEAD_JSON_EVENT, PLAYHEAD_JSON_ARRAY, PLAYHEAD_JSON_ENVELOPE: return
        case PLAYHEAD_JSON_ENVELOPE_OF_NO_ARRAY: throw malformed("events must be an array of events.")
        case PLAYHEAD_JSON_ENVELOPE_OF_SEVERAL: throw malformed("events must not stand more than once.")
        default: throw malformed("The body must be an event, an array of events, or an object with sentAt and events.")
        }
    }

    private static func malformed(_ detail: String) -> Problem {
        Problem(.badRequest, type: "malformed-body", detail: detail)
    }

    private static var tooManyEvents: Problem {
        Problem(
            .contentTooLarge, type: "too-many-events",
            detail: "A request holds at most \(maximalEvents) events, this one has more: send them in several requests.")
    }
}
