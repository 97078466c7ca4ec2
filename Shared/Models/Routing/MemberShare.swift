/// A share of all members, in hundredths of a percent.
public struct MemberShare: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Of all members: 100 %.
    public static let slots = 10_000
    /// Nobody: 0 %.
    public static let none = MemberShare(slots: 0)
    /// Everybody: 100 %.
    public static let all = MemberShare(slots: slots)

    /// 0 ... ``slots-type.property``
    public let slots: Int

    /// - Parameter slots: what is out of range becomes the nearest that is not.
    public init(slots: Int) {
        self.slots = min(max(slots, 0), Self.slots)
    }

    /// - Parameter percent: `0` to `100`, with at most two decimals.
    /// - Returns: nil for any other text.
    public init?(percent: String) {
        let parts = percent.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let decimals = parts.count == 2 ? parts[1] : "0"
        guard parts[0].count <= 3, (1...2).contains(decimals.count), percent.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }),
            let whole = Int(parts[0]), let hundredths = Int(decimals.count == 1 ? decimals + "0" : decimals),
            whole * 100 + hundredths <= Self.slots
        else { return nil }
        self.init(slots: whole * 100 + hundredths)
    }

    /// In percent, as ``init(percent:)`` takes it.
    public var description: String {
        let hundredths = slots % 100
        if hundredths == 0 { return String(slots / 100) }
        return "\(slots / 100).\(hundredths % 10 == 0 ? String(hundredths / 10) : hundredths < 10 ? "0\(hundredths)" : String(hundredths))"
    }

    /// Whether the left share is of fewer members.
    public static func < (left: MemberShare, right: MemberShare) -> Bool { left.slots < right.slots }
}
