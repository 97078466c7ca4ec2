import Foundation
import HistoryStore
import TestSupport
import Testing

/// `playhead simulate` and `playhead verify` against whole pipelines.
@Suite(.serialized, .timeLimit(.minutes(5))) struct SimulateTests {
    @Test func whatTheEdgeAcceptedIsShownAndEveryChangeOfItIsFound() async throws {
        let playhead = try await Playhead()
        let truth = try TruthPath()
        let simulated = try await playhead.run(
            "simulate", "--edge", playhead.edge, "--members", "300", "--events", "20000", "--duplicates", "0.1", "--late", "0.05",
            "--drop", "0.03", "--truth", truth.path)
        #expect(simulated.status == 0, "\(simulated)")
        #expect(simulated.output.contains("requests  ") && simulated.output.contains("latency   p50 "))
        let good = try await verify(playhead, truth)
        #expect(good.status == 0 && good.output.contains("\n0 differences\n"), "\(good)")
        let counts = try #require(
            good.output.firstMatch(of: /accepted  (\d+ events, \d+ sessions)\nverified  (\d+ events, \d+ sessions)/))
        #expect(counts.1 == counts.2)

        let database = playhead.database.connection("vandal")
        try await database.runScript(
            """
            UPDATE playback_session SET watched_ms = watched_ms + 1 WHERE (member_id, session_id) =
                (SELECT member_id, session_id FROM playback_session ORDER BY session_id LIMIT 1);
            DELETE FROM playback_session WHERE (member_id, session_id) =
                (SELECT member_id, session_id FROM playback_session ORDER BY session_id DESC LIMIT 1);
            INSERT INTO playback_session SELECT member_id, 'stray', title_id, started_at - interval '1 day', last_watched_at, position_ms, runtime_ms,
                watched_ms, missing_events, revision, updated_at, completed, approximate, device_id, device_type, state
                FROM playback_session ORDER BY session_id LIMIT 1;
            """)
        let bad = try await verify(playhead, truth)
        #expect(bad.status == 1, "\(bad)")
        for text in ["field watchedMs: 1\n", "missing session: 1\n", "unexpected session: 1\n", "session stray"] {
            #expect(bad.output.contains(text), "\(text): \(bad.output)")
        }
    }

    @Test func runsThatDifferAreFoundThoughEveryFieldOfTheHistoryIsRight() async throws {
        let playhead = try await Playhead()
        let truth = try TruthPath()
        #expect(
            try await playhead.run("simulate", "--edge", playhead.edge, "--sessions", "50", "--drop", "0.1", "--truth", truth.path).status
                == 0)
        #expect(try await verify(playhead, truth).status == 0)
        try await playhead.database.connection("vandal").runScript(
            """
            UPDATE playback_session SET state = (SELECT state FROM playback_session ORDER BY missing_events DESC, session_id LIMIT 1)
            WHERE session_id = (SELECT session_id FROM playback_session ORDER BY missing_events DESC, session_id OFFSET 1 LIMIT 1)
            """)
        let bad = try await verify(playhead, truth)
        #expect(bad.status == 1 && bad.output.contains("1 difference\n  field sequenceRuns: 1\n"), "\(bad)")
    }

    @Test func anEdgeThatIsAwayForAWhileIsWaitedForAndNothingIsLost() async throws {
        let playhead = try await Playhead([.processor, .query])
        let truth = try TruthPath()
        let first = try playhead.start(.edge)
        let edge = try await first.api()
        try await first.untilReady()
        // More than it gets to send: it is stopped when it is seen to have gone on.
        let simulation = try playhead.start(
            .playhead, arguments: ["simulate", "--edge", edge, "--events", "1000000", "--rate", "2000", "--truth", truth.path])
        try await untilEventsAreAccepted(by: first)
        first.process.send(SIGKILL)
        await first.process.waitUntilExit()
        try await eventually("it is seen to be away") { simulation.process.errorOutput.contains(" retries; ") }
        let port = try #require(edge.split(separator: ":").last)
        let second = try playhead.start(.edge, settings: ["PLAYHEAD_HTTP_PORT": String(port)])
        try await second.untilReady()
        try await untilEventsAreAccepted(by: second)
        simulation.process.send(SIGINT)
        let simulated = await simulation.ending()
        #expect(simulated.status == 130 && !simulated.output.contains(", 0 retries"), "\(simulated)")
        let verified = try await verify(playhead, truth)
        #expect(verified.status == 0 && verified.output.contains("\n0 differences\n"), "\(verified)")
    }

    @Test func aTruthThatIsThereIsNotOverwritten() async throws {
        let truth = try TruthPath()
        try Data("precious".utf8).write(to: URL(filePath: truth.path))
        let simulation = try RunningService(.playhead, arguments: ["simulate", "--events", "10", "--truth", truth.path], environment: [:])
        #expect(await simulation.process.waitUntilExit() != 0)
        #expect(simulation.process.errorOutput.contains("is there already"))
        #expect(try String(contentsOfFile: truth.path, encoding: .utf8) == "precious")
    }

    @Test func aSimulationThatIsInterruptedLeavesTheTruthOfWhatWasAccepted() async throws {
        let playhead = try await Playhead()
        let truth = try TruthPath()
        for signal in [SIGINT, SIGTERM] {
            let simulation = try playhead.start(
                .playhead,
                arguments: [
                    "simulate", "--edge", playhead.edge, "--events", "1000000", "--rate", "2000", "--truth", truth.path, "--force",
                    "--seed",
                    "\(signal)",
                ])
            try await untilEventsAreAccepted(by: playhead[.edge])
            simulation.process.send(signal)
            #expect(await simulation.process.waitUntilExit() == 130, "\(simulation.process.errorOutput)")
            let verified = try await verify(playhead, truth)
            #expect(verified.status == 0 && !verified.output.contains("accepted  0 events"), "\(verified)")
        }
    }

    @Test func whatWasNeverAnsweredIsSaidToBeUncertain() async throws {
        let playhead = try await Playhead([.processor, .query])
        let truth = try TruthPath()
        // Nothing listens there.
        let simulation = try playhead.start(
            .playhead, arguments: ["simulate", "--edge", "http://127.0.0.1:1", "--patience", "1", "--truth", truth.path])
        #expect(await simulation.process.readAll().contains("were sent and never answered"))
        #expect(await simulation.process.waitUntilExit() == 1)
        #expect(simulation.process.errorOutput.contains("took no events for 1.0 seconds"))
        let verified = try await verify(playhead, truth)
        #expect(verified.status == 0 && verified.output.contains("uncertain "), "\(verified)")
    }

    @Test func whatIsNotAppliedIsNotVerified() async throws {
        let playhead = try await Playhead([.edge, .query])
        let truth = try TruthPath()
        #expect(try await playhead.run("simulate", "--edge", playhead.edge, "--sessions", "3", "--truth", truth.path).status == 0)
        let verified = try await playhead.run("verify", "--truth", truth.path, "--query", playhead.query, "--timeout", "1")
        #expect(
            verified.status == 1 && verified.output.contains("not settled: ") && verified.output.contains("missing session: 3"),
            "\(verified)")
    }

    private func verify(_ playhead: Playhead, _ truth: TruthPath) async throws -> RunningService.Ending {
        try await playhead.run("verify", "--truth", truth.path, "--query", playhead.query, "--timeout", "60")
    }

    /// A truth file that goes with the test.
    private final class TruthPath {
        private let folder: TemporaryFolder
        let path: String

        init() throws {
            folder = try TemporaryFolder()
            path = folder.url.appending(path: "truth.ndjson").path
        }
    }

    /// More of them than now.
    private func untilEventsAreAccepted(by edge: RunningService) async throws {
        func accepted() async throws -> Double {
            try await edge.metric("playhead_edge_events_total{outcome=\"accepted\"}")
        }
        let before = try await accepted()
        try await eventually("the edge accepts events") { try await accepted() > before }
    }
}
