/// The rules that every event must keep, and the check of them.
public enum EventLimits {
    /// 2^53: the largest integer up to which every JSON reader is exact.
    public static let largestInteger: Int64 = 1 << 53
    /// Of an id, in bytes of UTF-8.
    public static let idBytes = 1...256
    /// 2000-01-01T00:00:00Z: an earlier `occurredAt` is a device whose clock was never set.
    public static let earliestTime: Timestamp = 946_684_800_000
    /// How far ahead of the edge's clock `occurredAt` + skew may be.
    public static let futureToleranceMs: Int64 = 24 * 3_600_000
    /// A difference between the device's and the edge's clock up to this is taken for travel time.
    public static let skewThresholdMs: Int64 = 60_000
    /// The end of the year 9999: bounds times and skews that are read back from a stream, so that no sum overflows.
    static let largestTime: Timestamp = RFC3339.latest

    /// Credit and watch time stop growing here, about 36 million years in milliseconds. Sums that are cut at a bound do not depend
    /// on the order of their terms, and never overflow.
    public static let largestCredit: Int64 = 1 << 60

    /// A time of a device as members see it: with the session's skew, and at the nearest time between the years 1970 and 9999, as
    /// the skew comes from one event and the time from another.
    public static func corrected(_ time: Timestamp, bySkew skewMs: Int64) -> Timestamp {
        min(max(time + skewMs, 0), largestTime)
    }

    /// The skew of a request sent at `sentAt` by the device's clock and received at `receivedAt` by the edge's, in milliseconds.
    public static func skew(sentAt: Timestamp?, receivedAt: Timestamp) -> Int64 {
        guard let sentAt else { return 0 }
        // Any number may stand in a request; clamped, so that no difference overflows.
        let difference = receivedAt - min(max(sentAt, 0), largestTime)
        return abs(difference) > skewThresholdMs ? difference : 0
    }
}

extension PlaybackEvent {
    /// Checks everything that makes an event acceptable on its arrival.
    /// - Throws: the first ``EventFault`` found.
    public func validateArrival() throws(EventFault) {
        try validateContent()
        // Compared without adding, as both terms come from outside.
        if occurredAt > receivedAt + EventLimits.futureToleranceMs - skewMs {
            let correction = skewMs == 0 ? "" : ", corrected by the difference between sentAt and the server's clock (\(skewMs) ms),"
            throw EventFault(
                field: "occurredAt",
                "occurredAt\(correction) is more than 24 h ahead of the server's clock: \(RFC3339.format(occurredAt)), received "
                    + RFC3339.format(receivedAt))
        }
    }

    /// Checks the rules that hold for every event whenever it is read, from a request or from a stream.
    /// - Throws: the first ``EventFault`` found.
    public func validateContent() throws(EventFault) {
        try EventLimits.validate(id: memberId.text, "memberId")
        try EventLimits.validate(id: sessionId.text, "sessionId")
        try EventLimits.validate(id: titleId.text, "titleId")
        if let deviceId { try EventLimits.validate(id: deviceId, "deviceId") }
        if let deviceType { try EventLimits.validate(id: deviceType, "deviceType") }
        try Self.validate(seq, "seq", from: 0)
        try Self.validate(positionMs, "positionMs", from: 0)
        if let fromPositionMs { try Self.validate(fromPositionMs, "fromPositionMs", from: 0) }
        if let runtimeMs { try Self.validate(runtimeMs, "runtimeMs", from: 1) }
        if occurredAt < EventLimits.earliestTime {
            throw EventFault(field: "occurredAt", "occurredAt is before 2000-01-01T00:00:00Z: is the device's clock set?")
        }
        if occurredAt > EventLimits.largestTime { throw EventFault(field: "occurredAt", "occurredAt is after the year 9999") }
        if skewMs.magnitude > UInt64(EventLimits.largestTime) { throw EventFault(field: "skewMs", "skewMs is out of range") }
        // Members see the sum, and the database has to take it.
        if !(0...EventLimits.largestTime).contains(occurredAt + skewMs) {
            throw EventFault(
                field: "occurredAt",
                "occurredAt, corrected by the difference between sentAt and the server's clock (\(skewMs) ms), is not between the years 1970 and 9999"
            )
        }
    }

    private static func validate(_ value: Int64, _ field: String, from least: Int64) throws(EventFault) {
        if value < least || value > EventLimits.largestInteger {
            throw EventFault(field: field, "\(field) must be an integer from \(least) to 2^53, not \(value)")
        }
    }
}

extension EventLimits {
    /// Checks an opaque id: 1 to 256 bytes of UTF-8, no control characters.
    /// - Throws: ``EventFault`` that names `field`.
    public static func validate(id: String, _ field: String) throws(EventFault) {
        let utf8 = id.utf8
        guard idBytes.contains(utf8.count) else {
            throw EventFault(field: field, "\(field) must have 1 to 256 bytes of UTF-8, not \(utf8.count)")
        }
        let isClean = utf8.withContiguousStorageIfAvailable { hasNoControlCharacters($0) } ?? hasNoControlCharacters(utf8)
        if !isClean { throw EventFault(field: field, "\(field) must not contain control characters (U+0000–1F, U+007F–9F)") }
    }

    private static func hasNoControlCharacters(_ utf8: some Sequence<UInt8>) -> Bool {
        // U+0080–9F is C2 80–9F in UTF-8.
        var previous: UInt8 = 0
        for byte in utf8 {
            if byte < 0x20 || byte == 0x7f || (previous == 0xc2 && byte < 0xa0 && byte >= 0x80) { return false }
            previous = byte
        }
        return true
    }
}
