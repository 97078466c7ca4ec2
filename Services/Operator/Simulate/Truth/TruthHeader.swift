import Foundation

/// The first line of a truth file: what was simulated, and how much of it the edge accepted.
///
/// A truth file is NDJSON: this line, then one ``TruthSession`` a line, in no particular order. The line is padded with spaces to
/// ``length``, so that it can be written again in its place when everything is known.
struct TruthHeader: Codable, Sendable, Hashable {
    static let format = "playhead-truth"
    static let version = 1
    /// In bytes, the newline included.
    static let length = 4096

    var format = TruthHeader.format
    var version = TruthHeader.version
    /// False while the simulation runs, and for ever if it was killed.
    var isComplete = false
    var plan: SimulationPlan
    var totals = TruthTotals()

    /// The line, or nil where it would not fit.
    func line() throws -> Data? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var line = try encoder.encode(self)
        guard line.count < Self.length else { return nil }
        line.append(Data(repeating: UInt8(ascii: " "), count: Self.length - 1 - line.count))
        line.append(UInt8(ascii: "\n"))
        return line
    }
}

/// What came of the events of a simulation.
struct TruthTotals: Codable, Sendable, Hashable {
    /// Sessions that viewers made.
    var sessions = 0
    /// What was made of them, and what the network did to it.
    var made = PerturbationCounts()
    /// Distinct events that the edge accepted.
    var accepted = 0
    /// Distinct events that the edge refused for good: a fault, as all were good.
    var refused = 0
    /// Distinct events that were sent and never answered: they may or may not have been taken.
    var unanswered = 0
    /// Lines after this one.
    var lines = 0
}
