import Models
import SwiftProtobuf

/// Bookmarks of titles whose sessions rest as a `TitleBookmarkPage`.
public enum WireBookmarkPage {
    public static func encode(_ bookmarks: [TitleBookmark]) -> [UInt8] {
        var page = ProtobufFields(capacity: bookmarks.count * 64)
        for bookmark in bookmarks { page.append(1) { $0.append(bookmark) } }
        return page.bytes
    }

    /// - Throws: ``UndecodableError`` for bytes that are no page.
    public static func decode(_ bytes: [UInt8]) throws(UndecodableError) -> [TitleBookmark] {
        do {
            return try ProtoTitleBookmarkPage(serializedBytes: bytes).bookmarks.map(TitleBookmark.init)
        } catch {
            throw UndecodableError("not a TitleBookmarkPage: \(error)")
        }
    }
}

extension ProtobufFields {
    /// The fields of a `TitleBookmarkPage.Bookmark`.
    fileprivate mutating func append(_ bookmark: TitleBookmark) {
        append(1, bookmark.titleId.text)
        if let uuid = UUIDText.bytes(of: bookmark.sessionId.text) { append(2, bytes: uuid) } else { append(3, bookmark.sessionId.text) }
        append(4, bookmark.lastWatchedAt)
        append(5, bookmark.lastWatchedAt - bookmark.startedAt)
        append(6, bookmark.positionMs)
        append(7, optional: bookmark.runtimeMs)
        append(8, bookmark.completed)
        append(9, bookmark.hasCredit)
    }
}

extension TitleBookmark {
    init(_ message: ProtoTitleBookmarkPage.Bookmark) {
        let uuid = message.sessionUuid
        self.init(
            titleId: OpaqueID(message.titleID), sessionId: OpaqueID(uuid.count == 16 ? UUIDText.text(of: uuid) : message.sessionID),
            startedAt: message.lastWatchedAt &- message.startedBeforeMs, lastWatchedAt: message.lastWatchedAt,
            positionMs: message.positionMs,
            runtimeMs: message.hasRuntimeMs ? message.runtimeMs : nil, completed: message.completed, hasCredit: message.hasCredit_p)
    }
}
