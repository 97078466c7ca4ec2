import JSONBytes
import Models

/// Where titles were left off.
enum BookmarkAnswer {
    static func json(_ bookmark: TitleBookmark) -> [UInt8] {
        var json: [UInt8] = []
        appendPlace(bookmark, to: &json)
        json.append(json: #","resumePositionMs":"#)
        json.append(decimal: bookmark.resumePositionMs)
        json.append(json: #","completed":"#)
        json.append(bookmark.completed)
        appendSource(bookmark, to: &json)
        return json
    }

    /// The rows of continue-watching.
    static func rows(_ bookmarks: [TitleBookmark]) -> [UInt8] {
        var json: [UInt8] = []
        json.append(json: #"{"items":"#)
        json.append(list: bookmarks) { bookmark, json in
            appendPlace(bookmark, to: &json)
            // From 0 to 1; not known without the runtime.
            if let runtimeMs = bookmark.runtimeMs {
                json.append(json: #","progress":"#)
                json.append(contentsOf: "\(min(Double(bookmark.positionMs) / Double(runtimeMs), 1))".utf8)
            }
            appendSource(bookmark, to: &json)
        }
        json.append(json: "}")
        return json
    }

    private static func appendPlace(_ bookmark: TitleBookmark, to json: inout [UInt8]) {
        json.append(json: #"{"titleId":"#)
        json.append(quoted: bookmark.titleId.text)
        json.append(json: #","positionMs":"#)
        json.append(decimal: bookmark.positionMs)
        if let runtimeMs = bookmark.runtimeMs {
            json.append(json: #","runtimeMs":"#)
            json.append(decimal: runtimeMs)
        }
    }

    private static func appendSource(_ bookmark: TitleBookmark, to json: inout [UInt8]) {
        json.append(json: #","lastWatchedAt":"#)
        json.append(time: bookmark.lastWatchedAt)
        json.append(json: #","sessionId":"#)
        json.append(quoted: bookmark.sessionId.text)
        json.append(json: "}")
    }
}
