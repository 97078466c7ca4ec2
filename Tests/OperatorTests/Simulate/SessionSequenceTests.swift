import Testing

@testable import Operator

@Suite("Simulated sessions")
struct SessionSequenceTests {
    private static let sessions = Array(SessionSequence(seed: 42, members: 500, titles: 100).prefix(20_000))

    @Test("are the same for the same seed, and others for another")
    func determinism() {
        #expect(Array(SessionSequence(seed: 42, members: 500, titles: 100).prefix(2000)) == Array(Self.sessions.prefix(2000)))
        let others = Array(SessionSequence(seed: 43, members: 500, titles: 100).prefix(2000))
        #expect(zip(others, Self.sessions).allSatisfy { $0.seed != $1.seed })
    }

    @Test("come in the order of their start, and are numbered in it")
    func order() {
        #expect(zip(Self.sessions, Self.sessions.dropFirst()).allSatisfy { $0.startMs <= $1.startMs })
        #expect(Self.sessions.map(\.number) == Array(0..<Self.sessions.count))
    }

    @Test("are a few a day for each member")
    func frequency() throws {
        let days = try #require(Self.sessions.last).startMs / 86_400_000
        #expect((2.5...4).contains(Double(Self.sessions.count) / 500 / Double(days)))
    }

    @Test("are mostly those of few members and of few titles")
    func skew() {
        let byMember = Dictionary(grouping: Self.sessions, by: \.member).mapValues(\.count)
        let zipf = ZipfDistribution(count: 500, exponent: 0.8)
        for rank in [0, 1, 9] {
            let expected = zipf.probability(of: rank) * Double(Self.sessions.count)
            #expect(abs(Double(byMember[rank] ?? 0) / expected - 1) < 0.2, "member \(rank)")
        }
        let byTitle = Dictionary(grouping: Self.sessions, by: \.title.rank).mapValues(\.count)
        #expect((byTitle[0] ?? 0) > 8 * (byTitle[19] ?? 0) && (byTitle[0] ?? 0) < 40 * (byTitle[19] ?? 0))
    }

    @Test("of one member are on several devices")
    func devices() {
        let devices = Dictionary(grouping: Self.sessions, by: \.member).mapValues { Set($0.map(\.device)).count }
        #expect(Set(devices.values) == [1, 2, 3, 4])
    }

    @Test("go on with the next episode, seconds after the one before has ended")
    func binges() {
        let followUps = Self.sessions.filter(\.isFollowUp)
        #expect((0.1...0.4).contains(Double(followUps.count) / Double(Self.sessions.count)))
        let byMember = Dictionary(grouping: Self.sessions, by: \.member)
        for session in followUps {
            #expect(session.episode > 0 && session.episode < session.title.episodes)
            let before = (byMember[session.member] ?? []).filter {
                $0.title == session.title && $0.device == session.device && $0.episode == session.episode - 1
                    && (3000...15_000).contains(session.startMs - $0.endMs)
            }
            #expect(before.count == 1, "session \(session.number)")
        }
    }
}
