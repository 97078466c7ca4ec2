import Models

/// Pages of a member's `title_bookmark` while they are changed. Pure.
///
/// A page holds the titles from its first one to that of the next page, as the leaf of a search tree does.
struct BookmarkPages {
    /// A page is divided that has more.
    private static let maximalTitles = 64

    private var pages: [OpaqueID: [OpaqueID: TitleBookmarks]] = [:]
    private var changed: Set<OpaqueID> = []
    /// In their order.
    private var firsts: [OpaqueID]

    /// - Parameter stored: at least the pages of the titles in question; none where the member has none.
    init(_ stored: [(first: OpaqueID, bookmarks: [TitleBookmark])]) {
        for (first, bookmarks) in stored {
            var titles: [OpaqueID: TitleBookmarks] = [:]
            for bookmark in bookmarks { titles[bookmark.titleId, default: TitleBookmarks()].note(bookmark) }
            pages[first] = titles
        }
        firsts = pages.keys.sorted()
        if firsts.isEmpty { firsts = [""] }
    }

    subscript(title: OpaqueID) -> TitleBookmarks {
        get { pages[page(of: title)]?[title] ?? TitleBookmarks() }
        set {
            let first = page(of: title)
            guard self[title] != newValue else { return }
            pages[first, default: [:]][title] = newValue.all.isEmpty ? nil : newValue
            changed.insert(first)
        }
    }

    /// What is to be written, by the pages' first titles.
    var changes: [(first: OpaqueID, bookmarks: [TitleBookmark])] {
        changed.sorted().flatMap { first in
            let titles = (pages[first] ?? [:]).sorted { $0.key < $1.key }
            // In equal parts, so that there is room in each.
            let parts = max((titles.count + Self.maximalTitles - 1) / Self.maximalTitles, 1)
            let size = max((titles.count + parts - 1) / parts, 1)
            return stride(from: 0, to: max(titles.count, 1), by: size).map { start in
                let part = titles[start..<min(start + size, titles.count)]
                return (first: start == 0 ? first : part[part.startIndex].key, bookmarks: part.flatMap(\.value.all))
            }
        }
    }

    private func page(of title: OpaqueID) -> OpaqueID {
        firsts.last { !(title < $0) } ?? firsts[0]
    }
}
