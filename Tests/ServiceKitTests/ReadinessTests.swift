import Testing

@testable import ServiceKit

@Suite struct ReadinessTests {
    @Test func aServiceIsNotReadyUntilEveryPartHasReported() {
        let readiness = Readiness(awaiting: ["redis", "schema"])
        #expect(readiness.current.count == 2)
        #expect(readiness.works("redis")?.reason == "starting")
        #expect(readiness.works("redis") == nil, "there is no trouble left to end")
        readiness.works("schema")
        #expect(readiness.current.isEmpty)
        readiness.fails("redis", "connection refused", isDegradedOnly: true)
        #expect(readiness.current["redis"]?.reason == "connection refused" && readiness.current["redis"]?.isDegradedOnly == true)
    }
}
