import ArgumentParser
import Testing

@testable import Operator

@Suite("What playhead ramp may be told")
struct RampCommandTests {
    @Test(
        "a ramp that is gone on with has its own plan",
        arguments: [
            ["--plan", "5"], ["--soak", "1s"], ["--shadow", "5"], ["--max-mismatches", "1"], ["--max-apply-delay", "1s"],
            ["--max-errors", "2"], ["--max-dead-letters", "1"], ["--settle", "6s"], ["--min-compared", "1"], ["--no-compare"],
        ])
    func resume(given: [String]) throws {
        let error = #expect(throws: (any Error).self) { try RampCommand.parse(["--resume"] + given) }
        #expect(RampCommand.message(for: try #require(error)).contains("\(given[0]) cannot be given"))
        #expect(throws: Never.self) { try RampCommand.parse(given) }
        #expect(throws: Never.self) { try RampCommand.parse(["--resume", "--check", "1s", "--rate", "5", "--report", "x"]) }
    }

    @Test(
        "what is out of range is told with the limit",
        arguments: [
            (["--check", "1m"], "10s"), (["--min-compared", "0"], "at least 1"), (["--rate", "0"], "from 1 to 1000000"),
            (["--settle", "1s"], "at least 5s"), (["--max-mismatches", "-1"], "at least 0"), (["--max-errors", "101"], "0 to 100"),
            (["--shadow", "1.234"], "0 to 100"), (["--plan", "5,1"], "rising"), (["--soak", "10"], "as 90s, 10m or 24h"),
            (["--report", "/no/such/folder/r.json"], "/no/such/folder is no folder"), (["--report", "/tmp"], "is a folder"),
        ])
    func limits(given: [String], limit: String) throws {
        // As one argument, or a number below 0 is taken for an option.
        let error = #expect(throws: (any Error).self) { try RampCommand.parse(["\(given[0])=\(given[1])"]) }
        let message = RampCommand.fullMessage(for: try #require(error))
        #expect(message.contains(limit) && message.contains(given[0]), "\(message)")
    }
}
