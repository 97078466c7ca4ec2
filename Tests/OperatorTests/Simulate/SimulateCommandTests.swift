import ArgumentParser
import Models
import Testing

@testable import Operator

@Suite("The options of playhead simulate")
struct SimulateCommandTests {
    private static func command(_ options: String...) throws -> SimulateCommand {
        try SimulateCommand.parse(options)
    }

    @Test(
        "that are wrong are named with their limit",
        arguments: [
            (["--drop", "1.5"], "--drop must be from 0 to 1"), (["--late=-0.1"], "--late must be from 0 to 1"),
            (["--duplicates", "nan"], "--duplicates must be from 0 to 1"), (["--reorder", "2"], "--reorder must be from 0 to 1"),
            (["--drop", "0.5", "--late", "0.5"], "--reorder, --late and --drop must together be at most 1"),
            (["--members", "0"], "--members must be from 1 to 10000000"), (["--titles", "0"], "--titles must be from 1"),
            (["--batch", "1001"], "--batch must be from 1 to 1000"), (["--concurrency", "0"], "--concurrency must be from 1 to 1000"),
            (["--sessions", "0"], "--sessions must be at least 1"), (["--events", "0"], "--events must be at least 1"),
            (["--sessions", "1", "--events", "1"], "give one of them"), (["--rate", "0"], "--rate must be greater than 0"),
            (["--rate", "inf"], "--rate must be greater than 0"), (["--patience=-1"], "--patience must be at least 0"),
            (["--end", "yesterday"], "--end must be an RFC 3339 time"), (["--prefix", ""], "--prefix must have 1 to 200 bytes"),
            (["--prefix", "a\nb"], "--prefix must have 1 to 200 bytes"),
            (["--prefix", String(repeating: "x", count: 201)], "--prefix must have 1 to 200 bytes"),
        ])
    func wrong(options: [String], message: String) {
        do {
            _ = try SimulateCommand.parse(options)
            Issue.record("\(options) must be refused")
        } catch {
            #expect(SimulateCommand.message(for: error).contains(message))
        }
    }

    @Test("make a plan, of 1000 sessions unless told otherwise")
    func plan() throws {
        #expect(try Self.command().plan(now: 5000).sessions == 1000)
        let plan = try Self.command(
            "--seed", "9", "--members", "7", "--titles", "8", "--events", "99", "--drop", "0", "--end", "2026-11-20T20:15:03Z"
        ).plan(now: 5000)
        #expect(plan.sessions == nil && plan.events == 99 && plan.seed == 9 && plan.members == 7 && plan.titles == 8)
        #expect(plan.perturbation == Perturbation(duplicates: 0.05, reorder: 0.1, late: 0.02, drop: 0))
        #expect(plan.end == RFC3339.parse("2026-11-20T20:15:03Z"))
        #expect(try Self.command("--prefix", "a").plan(now: 5000).prefix == "a")
    }

    @Test("that change nothing of the events leave the members the same")
    func prefix() throws {
        let prefix = try Self.command().plan(now: 5000).prefix
        #expect(try Self.command("--batch", "7", "--rate", "8", "--concurrency", "1", "--truth", "x").plan(now: 5000).prefix == prefix)
        #expect(try Self.command().plan(now: 6000).prefix != prefix)
        #expect(try Self.command("--seed", "2").plan(now: 5000).prefix != prefix)
    }
}
