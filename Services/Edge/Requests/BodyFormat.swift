/// How the body of `POST /v1/events` is written, by its media type.
enum BodyFormat {
    case json, lines

    /// - Returns: nil for other media types and for none.
    init?(contentType: String?) {
        guard let contentType, let format = Self.named(contentType) ?? Self.named(Self.mediaType(contentType)) else { return nil }
        self = format
    }

    private static func named(_ mediaType: String) -> Self? {
        switch mediaType {
        case "application/json": .json
        case "application/x-ndjson", "application/ndjson", "application/jsonl": .lines
        default: nil
        }
    }

    /// In small letters, without parameters and the white space around it.
    private static func mediaType(_ header: String) -> String {
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        var name = header.prefix { $0 != ";" }.drop(while: isSpace)
        while name.last.map(isSpace) == true { name.removeLast() }
        return name.lowercased()
    }
}
