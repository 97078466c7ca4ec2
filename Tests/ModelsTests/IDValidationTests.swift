import Models
import TestSupport
import Testing

@Suite("What an id must keep")
struct IDValidationTests {
    @Test(
        "1 to 256 bytes of UTF-8 are taken", arguments: IDField.allCases,
        [
            "x", " ", "~", "\u{a0}", String(repeating: "x", count: 256), String(repeating: "é", count: 128),
            String(repeating: "🎬", count: 64), "\u{c0}", "\u{800}", "\u{2013}", "\u{feff}", "../%00", "日本語", "e\u{301}",
        ])
    func taken(field: IDField, id: String) {
        #expect(EventValidationTests.fault(field.set(id)) == nil)
    }

    @Test(
        "an empty id and one of more bytes are refused, however few its characters", arguments: IDField.allCases,
        [
            "", String(repeating: "x", count: 257), String(repeating: "é", count: 128) + "x", String(repeating: "🎬", count: 65),
            String(repeating: "x", count: 100_000),
        ])
    func wrongLength(field: IDField, id: String) throws {
        let fault = try #require(EventValidationTests.fault(field.set(id)))
        #expect(fault.field == field.rawValue)
        #expect(fault.detail.contains("\(field) must have 1 to 256 bytes"), "\(fault)")
        #expect(fault.detail.contains("not \(id.utf8.count)"), "\(fault)")
        #expect(EventValidationTests.contentFault(field.set(id)) == fault)
    }

    @Test("every control character is refused, wherever it stands", arguments: IDField.allCases)
    func controlCharacters(field: IDField) throws {
        let controls = (Array(0x00...0x1f) + Array(0x7f...0x9f)).compactMap { Unicode.Scalar($0 as UInt32) }
        #expect(controls.count == 65)
        for control in controls {
            for id in ["\(control)", "\(control)id", "i\(control)d", "id\(control)", "é\(control)é"] {
                let fault = try #require(EventValidationTests.fault(field.set(id)), "\(field) with \(control.value)")
                #expect(fault.field == field.rawValue)
                #expect(fault.detail.contains("\(field) must not contain control characters"), "\(fault)")
            }
        }
    }

    @Test("every other character of the first two planes is taken")
    func otherCharacters() {
        for value in (0x20...0x1ffff as ClosedRange<UInt32>) where !(0x7f...0x9f).contains(value) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let fault = EventValidationTests.contentFault(IDField.memberId.set(String(Character(scalar))))
            if fault != nil { Issue.record("U+\(String(value, radix: 16)) is refused: \(fault!)") }
        }
    }

    @Test("a device need not be named")
    func absentDevice() {
        #expect(EventValidationTests.fault(.sample(deviceId: nil, deviceType: nil)) == nil)
    }

    /// An id of an event.
    enum IDField: String, CaseIterable {
        case memberId, sessionId, titleId, deviceId, deviceType

        func set(_ id: String) -> PlaybackEvent {
            PlaybackEvent.sample().with {
                switch self {
                case .memberId: $0.memberId = OpaqueID(id)
                case .sessionId: $0.sessionId = OpaqueID(id)
                case .titleId: $0.titleId = OpaqueID(id)
                case .deviceId: $0.deviceId = id
                case .deviceType: $0.deviceType = id
                }
            }
        }
    }
}
