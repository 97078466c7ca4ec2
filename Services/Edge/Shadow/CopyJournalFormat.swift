import Models

/// What stands in a journal of copies: a line for each step of each copy. Pure.
///
/// Ids have no control characters, so tabs and line ends divide them.
enum CopyJournalFormat {
    /// A step of one copy, which has a number in its journal.
    enum Record: Sendable, Hashable {
        /// Events of these sessions are about to be written, and then copied.
        case begun(Int, [SessionKey])
        /// All of them were copied.
        case copied(Int)
        /// They were not; it is still to be told.
        case notCopied(Int)
        /// That was told.
        case told(Int)
    }

    static func line(_ record: Record) -> String {
        switch record {
        case .begun(let number, let keys):
            "+\t\(number)\(keys.map { "\t\($0.memberId)\t\($0.sessionId)" }.joined())\n"
        case .copied(let number): "c\t\(number)\n"
        case .notCopied(let number): "n\t\(number)\n"
        case .told(let number): "t\t\(number)\n"
        }
    }

    /// The sessions of copies that were not made, or of which nobody can tell any more.
    ///
    /// A last line without its end was not written whole: what it says had not begun, or is said by no line, and counts as not copied then.
    static func missing(in text: String) -> Set<SessionKey> {
        var open: [Int: [SessionKey]] = [:]
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        for line in lines {
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard parts.count >= 2, let number = Int(parts[1]) else { continue }
            switch parts[0] {
            case "+":
                open[number] = stride(from: 2, to: parts.count - 1, by: 2).map {
                    SessionKey(memberId: OpaqueID(String(parts[$0])), sessionId: OpaqueID(String(parts[$0 + 1])))
                }
            case "c", "t": open[number] = nil
            default: break
            }
        }
        return Set(open.values.joined())
    }
}
