import Models
import TestSupport
import Testing

@Suite("What an event must keep to be taken")
struct EventValidationTests {
    private static let top = EventLimits.largestInteger

    @Test("an event that keeps every rule is taken, with and without what is optional")
    func valid() {
        #expect(EventValidationTests.fault(.sample()) == nil)
        let full = PlaybackEvent.sample(
            kind: .seek, fromPositionMs: 0, runtimeMs: 1, deviceId: "tv-1", deviceType: "tv", skewMs: 90_000)
        #expect(EventValidationTests.fault(full) == nil)
    }

    @Test("numbers at their bounds are taken, one beyond is refused", arguments: NumberField.allCases)
    func numbers(field: NumberField) throws {
        for value in [field.least, field.least + 1, Self.top - 1, Self.top] {
            #expect(EventValidationTests.fault(field.set(value)) == nil, "\(field) = \(value)")
        }
        for value in [field.least - 1, .min, Self.top + 1, .max] {
            let fault = try #require(EventValidationTests.fault(field.set(value)), "\(field) = \(value)")
            #expect(fault.field == field.rawValue)
            #expect(fault.detail.contains(field.rawValue) && fault.detail.contains("from \(field.least) to 2^53"), "\(fault)")
            #expect(fault.detail.contains("\(value)"), "\(fault)")
        }
    }

    @Test("the largest integer is 2^53")
    func largestInteger() {
        #expect(EventLimits.largestInteger == 9_007_199_254_740_992)
    }

    /// A number of an event that has bounds.
    enum NumberField: String, CaseIterable {
        case seq, positionMs, fromPositionMs, runtimeMs

        var least: Int64 { self == .runtimeMs ? 1 : 0 }

        func set(_ value: Int64) -> PlaybackEvent {
            PlaybackEvent.sample(kind: .seek).with {
                switch self {
                case .seq: $0.seq = value
                case .positionMs: $0.positionMs = value
                case .fromPositionMs: $0.fromPositionMs = value
                case .runtimeMs: $0.runtimeMs = value
                }
            }
        }
    }

    /// The fault of an event on arrival. What is refused for its content must be refused when it is read from a stream, too.
    static func fault(_ event: PlaybackEvent) -> EventFault? {
        do throws(EventFault) {
            try event.validateArrival()
        } catch {
            return error
        }
        #expect(throws: Never.self) { try event.validateContent() }
        return nil
    }

    /// The fault of an event whenever it is read.
    static func contentFault(_ event: PlaybackEvent) -> EventFault? {
        do throws(EventFault) { try event.validateContent() } catch { return error }
        return nil
    }
}
