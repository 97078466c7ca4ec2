/// The id of a stream entry: the server's clock in milliseconds and a counter within the millisecond.
public struct StreamEntryID: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let milliseconds: UInt64
    public let sequence: UInt64

    /// Before every entry.
    public static let zero = StreamEntryID(milliseconds: 0, sequence: 0)

    public init(milliseconds: UInt64, sequence: UInt64) {
        self.milliseconds = milliseconds
        self.sequence = sequence
    }

    /// - Parameter text: `milliseconds-sequence`
    /// - Throws: ``RedisError`` of kind `unexpectedReply` for anything else.
    public init(_ text: String) throws(RedisError) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        // UInt64 would take a sign.
        guard parts.count == 2, !text.contains("+"), let milliseconds = UInt64(parts[0]), let sequence = UInt64(parts[1]) else {
            throw RedisError(.unexpectedReply, "not the id of a stream entry: \(text)")
        }
        self.init(milliseconds: milliseconds, sequence: sequence)
    }

    /// The lowest id after this one; the highest of all is its own.
    public var next: StreamEntryID {
        if sequence < .max { return StreamEntryID(milliseconds: milliseconds, sequence: sequence + 1) }
        return milliseconds < .max ? StreamEntryID(milliseconds: milliseconds + 1, sequence: 0) : self
    }

    /// The highest id before this one; the lowest of all is its own.
    public var previous: StreamEntryID {
        if sequence > 0 { return StreamEntryID(milliseconds: milliseconds, sequence: sequence - 1) }
        return milliseconds > 0 ? StreamEntryID(milliseconds: milliseconds - 1, sequence: .max) : self
    }

    public var description: String { "\(milliseconds)-\(sequence)" }

    public static func < (left: StreamEntryID, right: StreamEntryID) -> Bool {
        (left.milliseconds, left.sequence) < (right.milliseconds, right.sequence)
    }
}
