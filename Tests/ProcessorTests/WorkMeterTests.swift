import EventStream
import Testing

@testable import Processor

@Suite struct WorkMeterTests {
    @Test func itIsTheLastHeartbeats() {
        let meter = WorkMeter()
        let start = ContinuousClock.now
        meter.note(Array(repeating: 4, count: 90) + Array(repeating: 50, count: 10))
        let first = meter.take(now: start + .seconds(1))
        #expect((90...110).contains(first.eventsPerSecond))
        #expect(first.delayP50Ms == 4 && first.delayP99Ms == 50)
        // Still seen some heartbeats later, and forgotten after that.
        for second in 2...5 { _ = meter.take(now: start + .seconds(second)) }
        meter.note([7])
        let later = meter.take(now: start + .seconds(6))
        #expect(later.eventsPerSecond == 0.2 && later.delayP50Ms == 7)
        for second in 7...11 { _ = meter.take(now: start + .seconds(second)) }
        let idle = meter.take(now: start + .seconds(12))
        #expect(idle.eventsPerSecond == 0 && idle.delayP50Ms == nil && idle.delayP99Ms == nil)
    }
}
