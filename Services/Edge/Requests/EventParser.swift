import CSimdjson

/// A simdjson parser and its copy of one body. Texts of the events that it gives lie in its memory, until it parses again.
struct EventParser: ~Copyable {
    private let json: OpaquePointer

    init(_ body: UnsafeBufferPointer<UInt8>) {
        json = playhead_json_new()
        playhead_json_load(json, body.baseAddress, body.count)
    }

    deinit {
        playhead_json_free(json)
    }

    /// Parses the whole as one of the JSON shapes of a body.
    func parseBody() throws(MalformedJSON) -> playhead_json_body {
        var body = playhead_json_body()
        if let malformed = MalformedJSON(code: playhead_json_parse_body(json, &body)) { throw malformed }
        return body
    }

    /// Parses a part of the body as one event.
    func parseEvent(in range: Range<Int>) throws(MalformedJSON) {
        if let malformed = MalformedJSON(code: playhead_json_parse_event(json, range.lowerBound, range.count)) { throw malformed }
    }

    /// Reads the next event of what was parsed last.
    /// - Returns: false after the last one.
    func next(into event: inout playhead_json_event) -> Bool {
        playhead_json_next(json, &event)
    }
}
