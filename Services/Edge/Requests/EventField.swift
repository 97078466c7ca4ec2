import CSimdjson
import Models

/// A field of a JSON object, read with an error that names it. `null` is an absent field.
struct EventField {
    private let name: String
    private let value: playhead_json_value

    init(_ name: String, _ value: playhead_json_value) {
        self.name = name
        self.value = value
    }

    func text() throws(EventFault) -> String {
        guard let text = try optionalText() else { throw missing }
        return text
    }

    func optionalText() throws(EventFault) -> String? {
        switch Int(value.type) {
        case PLAYHEAD_JSON_ABSENT, PLAYHEAD_JSON_NULL: return nil
        case PLAYHEAD_JSON_STRING: return String(decoding: utf8, as: UTF8.self)
        default: throw fault("\(name) must be a string of valid Unicode")
        }
    }

    func integer(from least: Int64) throws(EventFault) -> Int64 {
        guard let integer = try optionalInteger(from: least) else { throw missing }
        return integer
    }

    func optionalInteger(from least: Int64) throws(EventFault) -> Int64? {
        switch Int(value.type) {
        case PLAYHEAD_JSON_ABSENT, PLAYHEAD_JSON_NULL: return nil
        case PLAYHEAD_JSON_INTEGER: return value.integer
        default: throw fault("\(name) must be an integer from \(least) to 2^53")
        }
    }

    /// RFC 3339 text or epoch milliseconds.
    func time() throws(EventFault) -> Timestamp {
        guard let time = try optionalTime() else { throw missing }
        return time
    }

    func optionalTime() throws(EventFault) -> Timestamp? {
        switch Int(value.type) {
        case PLAYHEAD_JSON_ABSENT, PLAYHEAD_JSON_NULL: return nil
        case PLAYHEAD_JSON_INTEGER: return value.integer
        case PLAYHEAD_JSON_STRING: if let time = RFC3339.parse(utf8) { return time }
        default: break
        }
        throw fault("\(name) must be an RFC 3339 time such as 2026-11-20T20:15:03.123Z, or milliseconds since 1970")
    }

    private var utf8: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: value.bytes, count: Int(value.length))
    }

    private var missing: EventFault {
        EventFault(field: name, "\(name) is required")
    }

    /// The wrong type, or more than one: of several a reader may take any, so none is taken.
    private func fault(_ rule: String) -> EventFault {
        EventFault(field: name, Int(value.type) == PLAYHEAD_JSON_REPEATED ? "\(name) must not stand more than once" : rule)
    }
}
