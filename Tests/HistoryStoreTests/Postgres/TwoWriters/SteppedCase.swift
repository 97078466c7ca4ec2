import Models
import Oracle
import TestSupport

@testable import HistoryStore

/// A case whose writers go step by step in an order that is given, with what must come of each step. Pure.
///
/// A step reads a row, decides without a read that a session is new, writes onto what was read, decided or remembered, or removes the
/// row as a compaction does. Whether a write wins is foretold from who wrote when, without looking at revisions.
struct SteppedCase {
    enum Step {
        case load(writer: Int)
        case commit(writer: Int, SessionWrite)
        case remove
        /// Nothing that the database is asked for.
        case think
    }

    /// Who goes next, and what a writer that has a choice does.
    struct Choices {
        /// Of A and B, as long as it lasts; then at random.
        var order: [Int] = []
        /// Sessions with seq 0 in the batch are taken for new always, and rows that were written remembered always, as an applier does.
        var isApplier = false
        /// Rows are removed now and then.
        var removes = false
        var random: SeededGenerator
    }

    private struct Writer {
        /// The next one last.
        var batches: [[PlaybackEvent]]
        var known: KnownSession?
        /// Of the row that `known` is, or 0 for none.
        var version = 0
        /// A write lost: taking the session for new again would lose for ever.
        var mustRead = false
    }

    let dealt: DealtSession
    private(set) var applied = AppliedCases()
    /// The distinct events that the row counts now, by `seq`.
    private var row: [Int64: PlaybackEvent] = [:]
    private var writers: [Writer]
    private var choices: Choices
    /// Of the row as it is, or 0 for none; each write has another.
    private var version = 0
    private var writes = 0
    private var epoch: Int64 = 0
    private var trace: [String] = []

    init(_ dealt: DealtSession, _ choices: Choices) {
        self.dealt = dealt
        self.choices = choices
        writers = (0..<2).map { number in
            Writer(batches: dealt.turns.indices.reversed().filter { $0 % 2 == number }.map { dealt.turns[$0] }.filter { !$0.isEmpty })
        }
    }

    /// The distinct events that the row counts now, in the order of `seq`.
    var counted: [PlaybackEvent] { row.values.sorted { $0.seq < $1.seq } }

    var hasRemoved: Bool { epoch > 0 }
    var fault: String? { applied.faults[dealt.seed] }

    /// - Returns: nil where both writers are done.
    mutating func next() -> Step? {
        let busy = [0, 1].filter { !writers[$0].batches.isEmpty }
        guard let only = busy.last, fault == nil else { return nil }
        if trace.count > 10_000 {
            fail("it does not end")
            return nil
        }
        if choices.removes, choices.random.chance(12) { return removal() }
        var number = only
        if busy.count == 2 { number = choices.order.isEmpty ? Int.random(in: 0...1, using: &choices.random) : choices.order.removeFirst() }
        return step(of: number)
    }

    private mutating func removal() -> Step {
        version = 0
        epoch += 1
        row = [:]
        trace.append("removed")
        return .remove
    }

    private mutating func step(of number: Int) -> Step {
        let name = number == 0 ? "A" : "B"
        let batch = writers[number].batches[writers[number].batches.count - 1]
        guard let known = writers[number].known else {
            if !writers[number].mustRead, batch.contains(where: { $0.seq == 0 }), choices.isApplier || choices.random.chance(50) {
                trace.append("\(name) takes it for new")
                (writers[number].known, writers[number].version) = (KnownSession(row: nil), 0)
                return .think
            }
            trace.append("\(name) reads")
            return .load(writer: number)
        }
        var state = known.row?.state
        var new = 0
        for event in batch {
            if state == nil { (state, new) = (SessionState(event), 1) } else if state?.apply(event) == true { new += 1 }
        }
        guard let state, new > 0 else {
            trace.append("\(name) has nothing new in \(batch.map(\.seq))")
            finishBatch(of: number, new: 0)
            return .think
        }
        let condition = known.row.map { SessionWrite.Condition.revision($0.revision) } ?? .absent(epoch: known.epoch)
        return .commit(writer: number, SessionWrite(key: dealt.key, state: state, condition: condition))
    }

    private mutating func finishBatch(of number: Int, new: Int) {
        let batch = writers[number].batches.removeLast()
        applied.outcome.applied += new
        applied.outcome.duplicates += batch.count - new
        if !choices.isApplier, choices.random.chance(50) { writers[number].known = nil }
    }

    mutating func loaded(_ known: KnownSession, by number: Int) {
        (writers[number].known, writers[number].version, writers[number].mustRead) = (known, version, false)
        let count = known.row?.state.eventCount ?? 0
        if count != Int64(row.count) || known.epoch != epoch { fail("read \(count) events in epoch \(known.epoch ?? -1)") }
    }

    mutating func committed(_ write: SessionWrite, _ revision: Int64?, by number: Int) {
        let name = number == 0 ? "A" : "B"
        let batch = writers[number].batches[writers[number].batches.count - 1]
        let wins = wins(write, folding: writers[number].version)
        trace.append("\(name) \(revision == nil ? "loses" : "writes") \(batch.map(\.seq))")
        guard wins == (revision != nil) else { return fail(wins ? "it must win" : "it must lose") }
        guard let revision else {
            applied.outcome.lostRaces += 1
            (writers[number].known, writers[number].mustRead) = (nil, true)
            return
        }
        let before = row.count
        for event in batch where row[event.seq] == nil { row[event.seq] = event }
        writes += 1
        version = writes
        (writers[number].known, writers[number].version) = (KnownSession(row: .init(state: write.state, revision: revision)), version)
        finishBatch(of: number, new: row.count - before)
    }

    private func wins(_ write: SessionWrite, folding onto: Int) -> Bool {
        guard onto == version else { return false }
        guard case .absent(let read) = write.condition else { return true }
        if let read { return read == epoch }
        // Once it was removed the member has a chunk that may have it.
        return epoch == 0
    }

    private mutating func fail(_ what: String) {
        applied.faults[dealt.seed] = "\(what), with \(row.count) events in epoch \(epoch), after: \(trace.joined(separator: ", "))"
    }
}
