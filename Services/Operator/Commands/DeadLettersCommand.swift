import ArgumentParser
import EventStream
import HistoryStore
import Models
import ServiceKit

/// `playhead dead-letters`
struct DeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters", abstract: "Shows, replays and discards what could not be applied.",
        discussion: "What a member watched is not shown unless --payload asks for it.",
        subcommands: [List.self, Show.self, Replay.self, Discard.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists dead letters, the oldest first.")

        @OptionGroup var filter: DeadLetterOptions
        @Option(help: "Show so many at most.") var limit = 100
        @Flag(help: "Show whose events they are.") var payload = false

        func validate() throws {
            guard (1...100_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 100000, not \(limit)") }
        }

        func run() async throws {
            let store = DeadLetterStore(connection: try OperatorContext().postgres())
            let chosen = try filter.filter()
            var shown = 0
            var last: Int64 = 0
            while shown < limit {
                let records = try await store.letters(chosen, after: last, limit: min(limit - shown, DeadLetterStore.page))
                for record in records { print(DeadLetterText.line(record, payload: payload)) }
                guard let lastRecord = records.last else { break }
                last = lastRecord.id
                shown += records.count
            }
            let count = try await store.count(chosen)
            print("\(count) dead letters\(count > Int64(shown) ? ", \(shown) shown" : "")")
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows one dead letter.")

        @Argument(help: "Its number in the list.") var id: Int64
        @Flag(help: "Show the events that it holds.") var payload = false

        func run() async throws {
            let store = DeadLetterStore(connection: try OperatorContext().postgres())
            guard let record = try await store.letters(.init(ids: [id]), limit: 1).first else {
                print("there is no dead letter \(id)")
                throw ExitCode.failure
            }
            for line in DeadLetterText.page(record, payload: payload) { print(line) }
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Puts the events of dead letters into the streams again, and forgets the letters.",
            discussion:
                "Events keep the time at which they were first received. Replaying again, or replaying what was applied, changes nothing.")

        @OptionGroup var filter: DeadLetterOptions
        @Flag(help: "All of them.") var all = false

        func validate() throws { try filter.require(all) }

        func run() async throws {
            let context = try OperatorContext()
            let redis = try context.redis()
            if !context.configuration.flag(.trustRedisDurability) { try await ConnectionCheck.durability.run(over: redis) }
            let replay = DeadLetterReplay(
                store: DeadLetterStore(connection: try context.postgres()), topology: try await context.topology(over: redis),
                redis: redis)
            let outcome = try await replay.run(try filter.filter())
            for (id, reason) in outcome.unreadable { print("\(id): \(reason); left") }
            print("\(outcome.letters) dead letters replayed, \(outcome.events) events; \(outcome.unreadable.count) unreadable ones left")
            if !outcome.unreadable.isEmpty { throw ExitCode.failure }
        }
    }

    struct Discard: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Deletes dead letters for good.")

        @OptionGroup var filter: DeadLetterOptions
        @Flag(help: "All of them.") var all = false

        func validate() throws { try filter.require(all) }

        func run() async throws {
            let store = DeadLetterStore(connection: try OperatorContext().postgres())
            print("\(try await store.discard(try filter.filter())) dead letters discarded")
        }
    }
}

/// Which dead letters. Everything that is given must fit.
struct DeadLetterOptions: ParsableArguments {
    @Option(help: "A number in the list; may be given several times.") var id: [Int64] = []
    @Option(help: "Whose event it is; letters of a whole entry have no member.") var member: String?
    @Option(help: "A part of the reason.") var reason: String?
    @Option(help: "The stream that it came from.") var stream: String?
    @Option(help: "Set aside at this time or later, such as 2026-11-20T20:15:03Z.") var since: String?
    @Option(help: "Set aside before this time.") var until: String?

    /// - Throws: a validation error that names the option.
    func filter() throws -> DeadLetterStore.Filter {
        DeadLetterStore.Filter(
            ids: id.isEmpty ? nil : id, member: member.map { OpaqueID($0) }, reason: reason, stream: stream,
            from: try time(since, "--since"), to: try time(until, "--until"))
    }

    /// What changes something must be told what.
    func require(_ all: Bool) throws {
        let isEmpty = id.isEmpty && member == nil && reason == nil && stream == nil && since == nil && until == nil
        if isEmpty != all { throw ValidationError(all ? "--all does not go with a filter" : "say which: a filter, or --all") }
        _ = try filter()
    }

    private func time(_ text: String?, _ option: String) throws -> Timestamp? {
        guard let text else { return nil }
        guard let time = RFC3339.parse(text) else {
            throw ValidationError("\(option) must be an RFC 3339 time such as 2026-11-20T20:15:03Z, not '\(text)'")
        }
        return time
    }
}
