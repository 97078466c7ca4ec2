import Testing

@testable import Spool

@Suite("How full a spool is") struct SpoolUsageTests {
    @Test(
        "decides what it takes",
        arguments: [(0, .everything), (799, .everything), (800, .essentials), (999, .essentials), (1000, .nothing), (5000, .nothing)]
            as [(Int, SpoolUsage.Level)])
    func level(bytes: Int, level: SpoolUsage.Level) {
        var usage = SpoolUsage(limitBytes: 1000)
        usage.bytes = bytes
        #expect(usage.level == level)
    }

    @Test("it is empty when neither its own folder nor an adopted one has events")
    func isEmpty() {
        var usage = SpoolUsage(limitBytes: 1000)
        usage.bytes = 16
        #expect(usage.isEmpty)
        usage.adoptedEvents = 1
        #expect(!usage.isEmpty)
    }
}
