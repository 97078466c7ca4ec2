import ArgumentParser
import Foundation
import Models

/// Sends rows through the edge, reports the bad ones, and sums up.
struct ImportRun {
    let edge: String
    /// What the edge may ask for.
    let token: String?

    /// - Throws: ``SendError`` when the edge does not take events; importing again continues where it stopped.
    func send(_ rows: [ImportedRow]) async throws {
        let sender = try EventSender(edge: edge, token: token)
        let progress = ProgressLine()
        let bar = ProgressBar(total: rows.count, unit: "rows")
        let began = ContinuousClock.now
        var bad = 0
        var skipped = 0
        var repeats = 0
        var sentRows = 0
        var accepted = 0
        var members: Set<OpaqueID> = []
        var batch: [(line: Int, events: [PlaybackEvent])] = []
        var waiting = 0
        func flush() async throws {
            let events = batch.flatMap(\.events)
            let rejections = try await sender.send(events)
            accepted += events.count - rejections.count
            let lines = batch.flatMap { row in row.events.map { _ in row.line } }
            let rejectedLines = Dictionary(rejections.map { (lines[$0.index], $0.detail) }, uniquingKeysWith: { first, _ in first })
            for (line, detail) in rejectedLines.sorted(by: { $0.key < $1.key }) { progress.note("line \(line): \(detail); skipped") }
            bad += rejectedLines.count
            sentRows += batch.count - rejectedLines.count
            batch = []
            waiting = 0
        }
        for (index, row) in rows.enumerated() {
            switch row.content {
            case .skipped: skipped += 1
            case .repeats(let line):
                repeats += 1
                progress.note("line \(row.line): reports the same play as line \(line), and no more of it; skipped")
            case .bad(let reason):
                bad += 1
                progress.note("line \(row.line): \(reason); skipped")
            case .events(let events):
                if waiting + events.count > EventSender.eventsPerRequest { try await flush() }
                batch.append((row.line, events))
                waiting += events.count
                members.formUnion(events.map(\.memberId))
            }
            progress.update(bar.text(done: index + 1, seconds: (.now - began) / .seconds(1)))
        }
        if !batch.isEmpty { try await flush() }
        progress.clear()
        print("\(rows.count) rows: \(sentRows) sent, \(skipped) skipped, \(repeats) repeats, \(bad) bad; \(accepted) events accepted")
        // Nobody knows what a file calls them.
        if !members.isEmpty { print("members: \(members.map(\.text).sorted().joined(separator: ", "))") }
    }
}
