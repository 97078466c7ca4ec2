import Models
import TestSupport
import Testing

@testable import EventStream

@Suite struct ChangeFeedTests {
    private static let topology = StreamTopology(partitions: 4)
    private let redis: TestRedis
    private let feed: ChangeFeed
    private let reader: ChangeReader

    init() async throws {
        redis = try await TestRedis()
        feed = ChangeFeed(topology: Self.topology, connection: redis.connection("feed"))
        reader = ChangeReader(topology: Self.topology, connection: redis.connection("reader"))
    }

    private static func hidden(_ member: OpaqueID, _ revision: Int64) -> HistoryChange {
        HistoryChange(memberId: member, revision: revision, content: .hidden(title: "t", until: revision))
    }

    private func all(after positions: [StreamEntryID]) async throws -> [HistoryChange] {
        try await reader.read(after: positions, count: 100, block: .milliseconds(10)).flatMap { $0.changes.map(\.change) }
    }

    private static let beginning = Array(repeating: StreamEntryID.zero, count: topology.partitions)

    @Test func changesOfAMemberComeInTheirOrderInItsPartition() async throws {
        let changes = (0..<1000).map { Self.hidden(OpaqueID("m-\($0 % 7)"), Int64($0)) }
        try await feed.append(changes)
        let read = try await all(after: Self.beginning)
        #expect(Set(read) == Set(changes) && read.count == 1000)
        for member in Set(changes.map(\.memberId)) {
            #expect(read.filter { $0.memberId == member } == changes.filter { $0.memberId == member })
        }
    }

    @Test func everyKindComesBackAsItWas() async throws {
        let state = try #require(SessionState.folding([.playing(seq: 0), .playing(seq: 3)]))
        let changes = [
            HistoryChange(memberId: "m", revision: 1, content: .session("s-1", state.summary)),
            HistoryChange(memberId: "m", revision: 2, content: .hidden(title: nil, until: 5)),
            HistoryChange(memberId: "m", revision: 3, content: .rowHidden(title: "t", until: 6)),
            HistoryChange(memberId: "m", revision: 4, content: .erased),
        ]
        try await feed.append(changes)
        #expect(try await all(after: Self.beginning) == changes)
    }

    @Test func whoComesBackGetsWhatItMissed() async throws {
        try await feed.append((0..<5).map { Self.hidden("m", Int64($0)) } + [Self.hidden("other", 9)])
        let first = try await reader.changes(of: "m", after: FeedPosition(entry: .zero, index: 0), limit: 10)
        #expect(first?.map(\.change.revision) == Array(0..<5))
        let position = try #require(first?[2].position)
        #expect(try await reader.changes(of: "m", after: position, limit: 10)?.map(\.change.revision) == [3, 4])
        try await feed.append([Self.hidden("m", 7)])
        #expect(try await reader.changes(of: "m", after: position, limit: 10)?.map(\.change.revision) == [3, 4, 7])
        #expect(try await reader.changes(of: "m", after: position, limit: 1) == nil, "more than it may look through")
    }

    @Test func whoIsBehindWhatWasTrimmedCanTell() async throws {
        let partition = StableHash.partition(ofMember: "m", count: Self.topology.partitions)
        try await feed.append([Self.hidden("m", 1)])
        let old = try #require(try await reader.changes(of: "m", after: FeedPosition(entry: .zero, index: 0), limit: 10)?.first?.position)
        #expect(try await reader.extents()[partition].holdsAll(after: .zero))
        try await eventually("time passes for Redis") {
            try await feed.append([Self.hidden("m", 2)])
            return try await feed.trim(olderThan: .milliseconds(5)) >= 2
        }
        #expect(try await reader.changes(of: "m", after: old, limit: 100) == nil)
        let extent = try await reader.extents()[partition]
        #expect(!extent.holdsAll(after: old.entry) && !extent.holdsAll(after: .zero) && extent.holdsAll(after: extent.last))
        // A Redis that came back empty begins before where one stood.
        #expect(!extent.holdsAll(after: StreamEntryID(milliseconds: extent.last.milliseconds + 1000, sequence: 0)))
    }

    @Test func aPositionIsReadAsItIsWritten() {
        let position = FeedPosition(entry: StreamEntryID(milliseconds: 12, sequence: 3), index: 4)
        #expect(position.description == "12-3.4" && FeedPosition("12-3.4") == position)
        for text in ["", "12-3", "12.4", "12-3.-1", "12-3.4.5", "x-3.4"] { #expect(FeedPosition(text) == nil, "\(text)") }
        #expect(position < FeedPosition(entry: position.entry, index: 5))
    }
}
