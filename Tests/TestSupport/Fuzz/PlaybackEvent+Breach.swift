import Models

extension PlaybackEvent {
    /// The first limit of the contract that the event breaks, worked out apart from ``EventLimits``; nil where it keeps them all.
    public var breach: String? {
        for id in [memberId.text, sessionId.text, titleId.text, deviceId ?? "-", deviceType ?? "-"] {
            if id.utf8.isEmpty || id.utf8.count > 256 { return "an id of \(id.utf8.count) bytes" }
            if id.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) }) { return "a control character" }
        }
        let numbers: [(Int64, from: Int64)] = [(seq, 0), (positionMs, 0), (fromPositionMs ?? 0, 0), (runtimeMs ?? 1, 1)]
        if let number = numbers.first(where: { !($0.from...9_007_199_254_740_992).contains($0.0) }) { return "the number \(number.0)" }
        // The years 2000 to 9999.
        if !(946_684_800_000...253_402_300_799_999).contains(occurredAt) { return "the time \(occurredAt)" }
        return nil
    }
}
