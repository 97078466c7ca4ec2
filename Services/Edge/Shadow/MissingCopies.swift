import BlockingClient
import EventStream
import HistoryStore
import Logging
import Models
import ServiceKit
import ServiceLifecycle

/// Tells the database of which sessions a copy is missing: of this edge, and of those that died and left their journal.
actor MissingCopies: Service {
    /// On `/readyz`.
    private static let part = "shadow notes"
    /// Little by little, ``batch`` at a time: a shadow that is away must not be felt by those who write.
    private static let interval = Duration.milliseconds(100)
    private static let batch = 20
    /// At the end: a little longer than a copy may take.
    private static let patience = Duration.milliseconds(2500)
    /// For the journal, whose disk may hang.
    private static let journalPatience = Duration.seconds(1)
    /// Looking for journals that others have left.
    private static let adoptionInterval = Duration.seconds(2)
    /// Removing the journal's file in which nothing is open.
    private static let tidyInterval = Duration.seconds(60)

    private let edge: String
    private let copier: ShadowCopier
    private let journal: CopyJournal?
    private let abandoned: AbandonedJournals?
    private let notes: ShadowNotes
    private let ledger: EdgeLedger
    private let readiness: Readiness
    private let logger: Logger
    private var nextAdoption = ContinuousClock.now
    private var nextTidying = ContinuousClock.now + tidyInterval
    /// A journal that is taken over, and what is still to be told of it.
    private var adopted: (file: AbandonedJournals.File, rest: ArraySlice<SessionKey>)?

    /// - Parameters:
    ///   - journal: nil where there is no disk for it.
    ///   - abandoned: the same.
    init(
        edge: String, copier: ShadowCopier, journal: CopyJournal?, abandoned: AbandonedJournals?, notes: ShadowNotes, ledger: EdgeLedger,
        readiness: Readiness, logger: Logger
    ) {
        self.edge = edge
        self.copier = copier
        self.journal = journal
        self.abandoned = abandoned
        self.notes = notes
        self.ledger = ledger
        self.readiness = readiness
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.pass()
                try? await Task.sleep(for: Self.interval)
            }
        }
        await leave()
    }

    /// Copies that are under way are made, or told of. What is not told of by then is left to whoever takes over the journal; until then this edge
    /// counts as silent.
    private func leave() async {
        adopted = nil
        let patience = ContinuousClock.now + Self.patience
        while true {
            await pass(adopting: false)
            if copier.isSettled { break }
            guard ContinuousClock.now < patience else { return }
            try? await Task.sleep(for: .milliseconds(20))
        }
        await journal?.tidy()
        // Else it counts as silent for an hour.
        while (try? await ledger.leave(edge)) == nil, ContinuousClock.now < patience { try? await Task.sleep(for: .milliseconds(20)) }
    }

    private func pass(adopting: Bool = true) async {
        do {
            if adopting { await look() }
            try await tell()
            readiness.works(Self.part, logger: logger)
        } catch {
            readiness.fails(Self.part, "\(error)", isDegradedOnly: true, logger: logger)
        }
    }

    /// For a journal that another edge has left, and for what need not be kept any more.
    private func look() async {
        if adopted == nil, ContinuousClock.now >= nextAdoption {
            nextAdoption = .now + Self.adoptionInterval
            adopted = await abandoned?.next().map { ($0, Array($0.missing)[...]) }
        }
        if ContinuousClock.now >= nextTidying {
            nextTidying = .now + Self.tidyInterval
            await journal?.tidy()
        }
    }

    private func tell() async throws {
        let own = await missing()
        let loose = copier.unjournalled.some(Self.batch - own.count)
        let others = Array(adopted?.rest.prefix(Self.batch - own.count - loose.count) ?? [])
        do {
            try await notes.noteNotCopied(own + loose + others)
        } catch {
            await journalize(loose)
            throw error
        }
        copier.unjournalled.remove(loose)
        if !own.isEmpty { await journal?.told(own) }
        adopted?.rest.removeFirst(others.count)
        try await endAdoption()
    }

    private func missing() async -> [SessionKey] {
        guard let journal, journal.counts.withLock({ $0.untold > 0 }) else { return [] }
        return (try? await result(within: Self.journalPatience) { await journal.missing(limit: Self.batch) }?.get()) ?? []
    }

    /// Now that the disk answers again: what stands there outlasts this process.
    private func journalize(_ keys: [SessionKey]) async {
        guard !keys.isEmpty, let journal, let number = try? await journal.begin(keys) else { return }
        await journal.end(number, isCopied: false)
        copier.unjournalled.remove(keys)
    }

    /// Its edge need not be waited for any more, if it has left no other.
    private func forget(_ file: AbandonedJournals.File) async throws {
        if await abandoned?.has(of: file.edge, besides: file) == false { try await ledger.leave(file.edge) }
    }

    private func endAdoption() async throws {
        guard let (file, rest) = adopted, rest.isEmpty else { return }
        // The file stays until that is known, so that it is tried again.
        try await forget(file)
        await abandoned?.remove(file)
        // And once more: of two edges that took over the last two files at once each saw the other's.
        try? await forget(file)
        adopted = nil
        nextAdoption = .now
        guard !file.missing.isEmpty else { return }
        logger.notice(
            "told of copies that a former edge did not make", metadata: ["sessions": "\(file.missing.count)", "edge": "\(file.edge)"])
    }
}
