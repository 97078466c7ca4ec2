import Testing

@testable import EventStream

@Suite("The keys in Redis")
struct StreamNamesTests {
    @Test(
        "a partition's stream has its number in braces, of two digits at least",
        arguments: [(0, "playhead:{00}:events"), (9, "playhead:{09}:events"), (10, "playhead:{10}:events"), (123, "playhead:{123}:events")])
    func events(partition: Int, name: String) {
        #expect(StreamNames.events(partition) == name)
    }

    @Test("what other versions find by name")
    func others() {
        #expect(StreamNames.partitions == "playhead:partitions")
        #expect(StreamNames.requiredGroups == "playhead:groups")
        #expect(StreamNames.replicas(group: "history") == "playhead:replicas:history")
    }

    @Test("a topology lists its streams in the order of their numbers, each once")
    func topology() {
        let streams = StreamTopology(partitions: 16).streams
        #expect(streams.count == 16 && Set(streams).count == 16)
        #expect(streams.first == "playhead:{00}:events" && streams.last == "playhead:{15}:events")
        #expect(StreamTopology(partitions: 1).streams == ["playhead:{00}:events"])
    }
}
