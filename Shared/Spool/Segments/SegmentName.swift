/// The names of a spool's files. Pure.
enum SegmentName {
    private static let digits = 16
    private static let suffix = ".segment"
    /// Of a segment that was set aside for a person: its sound records are applied, the rest may hold more.
    static let corruptSuffix = ".corrupt"
    static let lock = "lock"

    static func file(_ number: UInt64) -> String {
        let text = String(number)
        return String(repeating: "0", count: digits - text.count) + text + suffix
    }

    /// nil for another file.
    static func number(of file: String) -> UInt64? {
        guard file.hasSuffix(suffix), file.utf8.count == digits + suffix.utf8.count else { return nil }
        return UInt64(file.dropLast(suffix.count))
    }

    /// Of a file that was set aside.
    static func number(ofCorrupt file: String) -> UInt64? {
        file.hasSuffix(corruptSuffix) ? number(of: String(file.dropLast(corruptSuffix.count))) : nil
    }
}
