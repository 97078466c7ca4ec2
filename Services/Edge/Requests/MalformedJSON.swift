import CSimdjson

/// A text is no JSON.
struct MalformedJSON: Error {
    /// What is wrong with it, as the end of a sentence; empty where that is not known.
    let reason: String

    /// - Returns: nil where nothing is wrong.
    init?(code: Int32) {
        switch Int(code) {
        case PLAYHEAD_JSON_VALID: return nil
        case PLAYHEAD_JSON_EMPTY: reason = ": it is empty"
        case PLAYHEAD_JSON_NOT_UTF8: reason = ": it is not UTF-8"
        case PLAYHEAD_JSON_TOO_DEEP: reason = ": its nesting is too deep, at most 1023 levels are read"
        case PLAYHEAD_JSON_OPEN_STRING: reason = ": a string has no end"
        case PLAYHEAD_JSON_CONTROL_CHARACTER: reason = ": a string has a control character that is not escaped"
        case PLAYHEAD_JSON_BAD_STRING: reason = ": a string has an escape that JSON does not know"
        case PLAYHEAD_JSON_BAD_NUMBER: reason = ": a number is not written by JSON's rules"
        default: reason = ""
        }
    }
}
