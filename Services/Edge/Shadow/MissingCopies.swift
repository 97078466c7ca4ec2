import EventStream
import HistoryStore
import Logging
import Models
import ServiceKit
import ServiceLifecycle

/// Tells the database of which sessions a copy is missing: of this edge, and of those that died and left their journal.
struct MissingCopies: Service {
    /// On `/readyz`.
    private static let part = "shadow notes"
    /// Little by little: a shadow that is away must not be felt by those who write.
    private static let interval = Duration.milliseconds(100)
    private static let batch = 20
    /// At the end: a little longer than a copy may take.
    private static let patience = Duration.milliseconds(2500)
    /// Looking for journals that others have left.
    private static let adoptionInterval = Duration.seconds(2)

    let edge: String
    let copier: ShadowCopier
    /// nil where there is no disk for it.
    let journal: CopyJournal?
    let abandoned: AbandonedJournals?
    let notes: ShadowNotes
    let ledger: EdgeLedger
    let readiness: Readiness
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var nextAdoption = ContinuousClock.now
            while !Task.isCancelled {
                let adopts = ContinuousClock.now >= nextAdoption
                if adopts { nextAdoption = .now + Self.adoptionInterval }
                await tellUnlessTrouble(adopting: adopts)
                try? await Task.sleep(for: Self.interval)
            }
        }
        await leave()
    }

    /// Copies that are under way are made, or told of. What is not told of by then is left to whoever takes over the journal; until then this edge
    /// counts as silent.
    private func leave() async {
        let patience = ContinuousClock.now + Self.patience
        while true {
            await tellUnlessTrouble(adopting: false)
            if copier.isSettled { break }
            guard ContinuousClock.now < patience else { return }
            try? await Task.sleep(for: .milliseconds(20))
        }
        await journal?.leave()
        // Else it counts as silent for an hour.
        while (try? await ledger.leave(edge)) == nil, ContinuousClock.now < patience { try? await Task.sleep(for: .milliseconds(20)) }
    }

    private func tellUnlessTrouble(adopting: Bool) async {
        do {
            try await tell()
            if adopting { try await adopt() }
            readiness.works(Self.part)
        } catch {
            readiness.fails(Self.part, "\(error)", isDegradedOnly: true)
        }
    }

    private func tell() async throws {
        let loose = copier.takeUnjournalled(limit: Self.batch)
        do {
            try await notes.noteNotCopied(Array(loose))
        } catch {
            copier.putBack(loose)
            throw error
        }
        if let journal {
            let keys = await journal.missing(limit: Self.batch)
            try await notes.noteNotCopied(keys)
            await journal.told(keys)
        }
    }

    /// Journals that other edges have left.
    private func adopt() async throws {
        while let file = abandoned?.next() { try await adopt(file) }
    }

    private func adopt(_ file: AbandonedJournals.File) async throws {
        try await notes.noteNotCopied(Array(file.missing))
        if !file.missing.isEmpty {
            logger.notice(
                "told of copies that a former edge did not make", metadata: ["sessions": "\(file.missing.count)", "edge": "\(file.edge)"])
        }
        // It need not be waited for any more. The file stays until that is known, so that it is tried again.
        if abandoned?.has(of: file.edge, besides: file) == false { try await ledger.leave(file.edge) }
        file.remove()
    }
}
