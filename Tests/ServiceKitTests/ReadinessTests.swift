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

    @Test(arguments: [
        ("127.0.0.1", true), ("127.8.9.1", true), ("localhost", true), ("LOCALHOST", true), ("::1", true), ("[::1]", true),
        ("0.0.0.0", false), ("::", false), ("10.0.0.1", false), ("127.0.0.1.evil.example", false), ("localhost.evil.example", false),
        ("127.evil.example.com", false), ("", false),
    ])
    func loopbackIsToldFromTheRest(host: String, expected: Bool) {
        #expect(LoopbackHost.includes(host) == expected)
    }
}
