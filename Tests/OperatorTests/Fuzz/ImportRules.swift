import Models
import TestSupport

@testable import Operator

/// What must hold of every export that was read.
enum ImportRules {
    /// Each row is sent, skipped, a repeat of one that is sent, or bad with a reason; and no event breaks the contract.
    static func check(_ rows: [ImportedRow], of file: [UInt8]) throws {
        let lines = file.count { $0 == 0x0a || $0 == 0x0d } + 1
        var before = 0
        for row in rows {
            try Fuzz.require((1...lines).contains(row.line) && row.line >= before, "line \(row.line) of \(lines)", in: file)
            before = row.line
            switch row.content {
            case .skipped: break
            case .bad(let reason): try Fuzz.require(!reason.isEmpty, "line \(row.line) is bad without a reason", in: file)
            case .repeats(let line):
                let isSent = rows.contains { $0.line == line && !$0.events.isEmpty }
                try Fuzz.require(isSent, "line \(row.line) repeats line \(line), which is not sent", in: file)
            case .events(let events): try check(events, line: row.line, of: file)
            }
        }
    }

    /// From one place to one that is not before it, or back to that after more was watched.
    private static func isPlay(_ start: PlaybackEvent?, _ stop: PlaybackEvent?, between: ArraySlice<PlaybackEvent>) -> Bool {
        guard let start, let stop, start.kind == .start, stop.kind == .stop, start.positionMs <= stop.positionMs else { return false }
        guard let back = between.first else { return true }
        return between.count == 1 && back.kind == .seek && back.positionMs == stop.positionMs
            && (back.fromPositionMs ?? 0) > stop.positionMs
    }

    private static func check(_ events: [PlaybackEvent], line: Int, of file: [UInt8]) throws {
        for event in events {
            if let breach = event.breach { throw Fuzz.Fault("line \(line) is sent with \(breach)", input: file) }
        }
        try Fuzz.require(
            events.map(\.seq) == Array(0..<Int64(events.count)) && Set(events.map(\.key)).count == 1
                && events.map(\.occurredAt) == events.map(\.occurredAt).sorted()
                && isPlay(events.first, events.last, between: events.dropFirst().dropLast()),
            "line \(line) is no play: \(events)", in: file)
    }
}
