import Foundation
import HTTPTypes
import Models
import ServiceKit

/// The body of `POST /v1/events` in one of its four shapes: an event, an array, `{"sentAt":…,"events":[…]}`, or NDJSON.
struct EventRequest {
    static let maximalEvents = 1000
    static let maximalBytes = 1 << 20

    var sentAt: Timestamp?
    var drafts: [EventDraft]

    /// - Throws: ``Problem`` 400 for what is no JSON of these shapes, 413 for too many events, 415 for another media type.
    init(body: Data, contentType: String?) throws(Problem) {
        switch Self.mediaType(contentType) {
        case "application/json": try self.init(json: body)
        case "application/x-ndjson", "application/ndjson", "application/jsonl": self.init(lines: body)
        default:
            throw Problem(
                .unsupportedMediaType, type: "unsupported-media-type",
                detail: "Content-Type must be application/json or application/x-ndjson, not '\(contentType ?? "absent")'.")
        }
        guard drafts.count <= Self.maximalEvents else {
            throw Problem(
                .contentTooLarge, type: "too-many-events",
                detail: "A request holds at most \(Self.maximalEvents) events, this one has more: send them in several requests."
            )
        }
    }

    private init(json body: Data) throws(Problem) {
        do {
            let parsed = try JSONDecoder().decode(JSONBody.self, from: body)
            self.init(sentAt: parsed.sentAt, drafts: parsed.drafts)
        } catch DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty {
            // Foundation on Linux does not tell where.
            throw Problem(.badRequest, type: "malformed-json", detail: "The body is not valid JSON.")
        } catch DecodingError.dataCorrupted(let context), DecodingError.typeMismatch(_, let context) {
            throw Problem(.badRequest, type: "malformed-body", detail: context.debugDescription)
        } catch {
            throw Problem(.badRequest, type: "malformed-body", detail: "\(JSONBody.shapes)")
        }
    }

    /// A bad line is that line's rejection; blank lines are skipped and not counted.
    private init(lines body: Data) {
        let decoder = JSONDecoder()
        let lines = body.split(separator: UInt8(ascii: "\n")).lazy.filter { !$0.allSatisfy(Self.isBlank) }
        // One more than is allowed tells that there are too many.
        drafts = lines.prefix(Self.maximalEvents + 1).map { line in
            (try? decoder.decode(EventDraft.self, from: line)) ?? EventDraft(event: .failure(EventFault("the line is not valid JSON")))
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\t")
    }

    private init(sentAt: Timestamp?, drafts: [EventDraft]) {
        self.sentAt = sentAt
        self.drafts = drafts
    }

    private static func mediaType(_ header: String?) -> String? {
        header?.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
    }
}

/// The three JSON shapes of a body.
private struct JSONBody: Decodable {
    static let shapes = "The body must be an event, an array of events, or an object with sentAt and events."

    let sentAt: Timestamp?
    let drafts: [EventDraft]

    private enum Key: String, CodingKey {
        case sentAt, events
    }

    init(from decoder: any Decoder) throws {
        if var array = try? decoder.unkeyedContainer() {
            sentAt = nil
            drafts = try Self.read(&array)
            return
        }
        guard let envelope = try? decoder.container(keyedBy: Key.self) else {
            throw DecodingError.typeMismatch(JSONBody.self, .init(codingPath: [], debugDescription: Self.shapes))
        }
        guard envelope.contains(.events) else {
            sentAt = nil
            drafts = [try EventDraft(from: decoder)]
            return
        }
        guard var array = try? envelope.nestedUnkeyedContainer(forKey: .events) else {
            throw DecodingError.typeMismatch(
                JSONBody.self, .init(codingPath: [Key.events], debugDescription: "events must be an array of events."))
        }
        do {
            sentAt = try envelope.decodeIfPresent(RequestTime.self, forKey: .sentAt)?.milliseconds
        } catch {
            throw DecodingError.typeMismatch(
                RequestTime.self, .init(codingPath: [Key.sentAt], debugDescription: RequestTime.rule(for: "sentAt") + "."))
        }
        drafts = try Self.read(&array)
    }

    private static func read(_ array: inout any UnkeyedDecodingContainer) throws -> [EventDraft] {
        var drafts: [EventDraft] = []
        // One more than is allowed tells that there are too many.
        while !array.isAtEnd, drafts.count <= EventRequest.maximalEvents { drafts.append(try array.decode(EventDraft.self)) }
        return drafts
    }
}
