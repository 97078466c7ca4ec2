/// Ids that are UUIDs in their canonical form (RFC 9562, section 4: 36 characters, lower case) as their 16 bytes, which is less than half.
enum UUIDText {
    private static let hyphens: Set<Int> = [8, 13, 18, 23]
    private static let digits = Array("0123456789abcdef".utf8)

    /// - Returns: nil for any other text.
    static func bytes(of text: String) -> [UInt8]? {
        let utf8 = Array(text.utf8)
        guard utf8.count == 36 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        var high: UInt8?
        for (place, character) in utf8.enumerated() {
            if hyphens.contains(place) {
                guard character == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = value(of: character) else { return nil }
            if let left = high {
                bytes.append(left << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        return bytes
    }

    /// - Parameter bytes: 16 of them.
    static func text(of bytes: some Sequence<UInt8>) -> String {
        String(unsafeUninitializedCapacity: 36) { text in
            var place = 0
            for byte in bytes {
                if place == 8 || place == 13 || place == 18 || place == 23 {
                    text[place] = UInt8(ascii: "-")
                    place += 1
                }
                text[place] = digits[Int(byte >> 4)]
                text[place + 1] = digits[Int(byte & 15)]
                place += 2
            }
            return place
        }
    }

    private static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
