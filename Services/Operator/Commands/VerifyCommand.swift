import ArgumentParser
import AsyncHTTPClient
import EventStream
import Foundation
import Models

/// `playhead verify`
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compares what members are shown with what the edge accepted from playhead simulate, or with the shadow.",
        discussion: """
            Waits until nothing is unapplied, reads every member of the truth files through the query API, and compares every field of every \
            session with what the slow reference makes of the accepted events. Exits 1 on any difference, and when something stays unapplied.

            With --shadow it compares the sessions that began while their member was shadowed, and that rest, in the history and in schema \
            shadow, field by field. Exits 1 on any mismatch, and 2 where there is none \
            because nothing could be compared, or because an edge may still have to tell of copies.
            """)

    @Option(help: ArgumentHelp("A truth file of playhead simulate; may be given several times.", valueName: "file"))
    var truth: [String] = []

    @Flag(help: "Compare the history with the one that is made of copies, in place of a truth file.")
    var shadow = false

    @OptionGroup(title: "With --shadow") var shadowOptions: ShadowOptions

    @Option(help: "The query service's address.")
    var query = "http://127.0.0.1:8081"

    @Option(help: ArgumentHelp("How long to wait until everything is applied.", valueName: "seconds"))
    var timeout = 600

    func validate() throws {
        guard timeout >= 0 else { throw ValidationError("--timeout must be at least 0, not \(timeout)") }
        if shadow, !truth.isEmpty { throw ValidationError("give --shadow or --truth, not both") }
        if !shadow, let option = shadowOptions.firstGiven { throw ValidationError("\(option) goes with --shadow") }
        guard shadow || !truth.isEmpty else {
            throw ValidationError("--truth is missing: give the file that playhead simulate wrote, or --shadow")
        }
    }

    func run() async throws {
        if shadow { return try await ShadowVerification(options: shadowOptions).run() }
        let address = try ServiceAddress(query, of: "query service", example: "http://127.0.0.1:8081")
        let progress = ProgressLine()
        var truths = KnownSessions()
        for path in truth { try truths.add(try await TruthReader(path: path).sessions(), from: path) }

        let context = try OperatorContext()
        let redis = try context.redis()
        let inspector = StreamInspector(topology: try await context.topology(over: redis), connection: redis)
        let wait = SettledWait(inspector: inspector, spools: SpoolLedger(connection: redis), timeout: .seconds(timeout))
        let unsettled = try await wait.run { progress.update($0) }

        let run = VerifyRun(client: HistoryClient(address: address, client: .shared, token: context.token))
        let verified = try await run.verify(truths.members, progress: progress)
        progress.clear()
        let report = VerifyReport(
            acceptedSessions: truths.sessions, acceptedEvents: truths.events, uncertainSessions: truths.uncertain, verified: verified,
            unsettled: unsettled)
        for line in report.lines { print(line) }
        if !report.isGood { throw ExitCode.failure }
    }
}
