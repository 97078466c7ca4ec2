import Testing

@testable import BlockingClient

@Suite("Taking turns")
struct TurnsTests {
    @Test("each is taken by one at a time, and the one that waited longest is next")
    func turns() async throws {
        let turns = Turns([1, 2], maximalWaiting: 10)
        let first = try await turns.take(within: .seconds(60))
        let second = try await turns.take(within: .seconds(60))
        #expect(Set([first, second]) == [1, 2])
        async let third = turns.take(within: .seconds(60))
        while await turns.waitingCount < 1 { await Task.yield() }
        async let fourth = turns.take(within: .seconds(60))
        while await turns.waitingCount < 2 { await Task.yield() }
        await turns.giveBack(second)
        #expect(try await third == second)
        await turns.giveBack(first)
        #expect(try await fourth == first)
    }

    @Test("what waits is bounded in number and time, and who gave up takes nothing")
    func bounds() async throws {
        let turns = Turns(["one"], maximalWaiting: 1)
        let taken = try await turns.take(within: .zero)
        async let next = outcome(turns, within: .seconds(60))
        while await turns.waitingCount < 1 { await Task.yield() }
        #expect(await outcome(turns, within: .seconds(60)) == .failure(.full(waiting: 1)))
        await turns.giveBack(taken)
        #expect(await next == .success("one"))
        #expect(await outcome(turns, within: .milliseconds(50)) == .failure(.overdue))
        #expect(await turns.waitingCount == 0)
        await turns.giveBack(taken)
        #expect(try await turns.take(within: .zero) == "one")
    }

    private func outcome(_ turns: Turns<String>, within limit: Duration) async -> Result<String, Turns<String>.Refusal> {
        do {
            return .success(try await turns.take(within: limit))
        } catch {
            return .failure(error)
        }
    }
}
