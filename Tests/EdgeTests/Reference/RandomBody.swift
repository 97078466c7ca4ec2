import Oracle

/// A body of `POST /v1/events` as a device may write it, and then some random damage.
struct RandomBody {
    private(set) var bytes: [UInt8]

    var text: String { String(decoding: bytes, as: UTF8.self) }

    init(using random: inout SeededGenerator) {
        let events = (0..<Int.random(in: 1...3, using: &random)).map { _ in Self.event(using: &random) }
        let text =
            switch Int.random(in: 0..<3, using: &random) {
            case 0: events[0]
            case 1: "[\(events.joined(separator: ", "))]"
            default: #"{"sentAt": \#(Self.time(using: &random)), "events":[\#(events.joined(separator: ","))]}"#
            }
        bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 0...4, using: &random) { damage(using: &random) }
    }

    private mutating func damage(using random: inout SeededGenerator) {
        guard !bytes.isEmpty else { return }
        let start = Int.random(in: 0..<bytes.count, using: &random)
        let span = start..<min(bytes.count, start + Int.random(in: 1...20, using: &random))
        switch Int.random(in: 0..<8, using: &random) {
        case 0: bytes[start] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.removeSubrange(span)
        case 2:
            let end = Int.random(in: start..<bytes.count, using: &random)
            bytes.insert(contentsOf: bytes[start...end], at: Int.random(in: 0...bytes.count, using: &random))
        case 3: bytes.removeSubrange(start...)
        case 4: bytes[start] = Self.pick(Array(#"{}[],:"\0123456789.eE+-tfn "#.utf8), using: &random)
        default: replaceValue(after: start, using: &random)
        }
    }

    /// Damage that mostly leaves JSON behind.
    private mutating func replaceValue(after start: Int, using random: inout SeededGenerator) {
        guard let colon = bytes[start...].firstIndex(of: UInt8(ascii: ":")) else { return }
        let end = bytes[colon...].firstIndex { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "}") } ?? bytes.count
        bytes.replaceSubrange((colon + 1)..<end, with: Array(Self.pick(Self.values, using: &random).utf8))
    }

    private static let values = [
        "null", "true", "[]", "{}", "[1,[2,{\"seq\":3}]]", "0", "-0", "-1", "1.0", "1.5", "1e3", "1E+2", "1e-2", "-2.5e1", "1e19",
        "1e400",
        "9007199254740991.0", "9007199254740992", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616", "340282366920938463463374607431768211456", "\"\"", #""\u0001""#, #""\ud83d\ude00""#, #""\ud83d""#,
        #""\ude00\ud83d""#,
        #""\ud83d\ud83d\ude00""#, #""\\ud83d""#, #""\/\b\f\n\r\t\"""#, "\"\u{7f}\"", "\"é\u{10ffff}\"", #""seek""#, #""1""#,
        #""2026-02-30T00:00:00Z""#,
        #""2026-11-20T20:15:03.123456+01:00""#,
    ]

    private static func event(using random: inout SeededGenerator) -> String {
        var fields = [
            ("memberId", #""m-\#(Int.random(in: 0..<1000, using: &random))""#), ("sessionId", #""018f3c5e-1111-7000-8000-0123456789ab""#),
            ("seq", "\(Int.random(in: 0..<1000, using: &random))"),
            ("kind", pick([#""start""#, #""progress""#, #""seek""#, #""s\u0074op""#], using: &random)),
            ("titleId", pick([#""80117401""#, #""Caf\u00e9""#, #""Café 📺""#], using: &random)),
            ("positionMs", pick(["0", "1234567", "1e3", "5.0"], using: &random)), ("occurredAt", time(using: &random)),
        ]
        for optional in [
            ("deviceId", #""tv-1""#), ("deviceType", "null"), ("runtimeMs", "5400000"), ("fromPositionMs", "17"), ("app", values[4]),
        ]
        where random.chance(40) { fields.append(optional) }
        fields.shuffle(using: &random)
        let separator = pick([",", " ,\n\t", ", "], using: &random)
        return "{\(fields.map { "\"\($0.0)\":\($0.1)" }.joined(separator: separator))}"
    }

    private static func time(using random: inout SeededGenerator) -> String {
        pick(["1763700000000", #""2026-11-20T20:15:03.123Z""#, #""2026-11-20T20:15:03-08:00""#], using: &random)
    }

    private static func pick<Element>(_ choices: [Element], using random: inout SeededGenerator) -> Element {
        choices[Int.random(in: 0..<choices.count, using: &random)]
    }
}
