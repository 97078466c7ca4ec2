import Foundation

/// Progress on standard error: a bar that is redrawn on a terminal, silence elsewhere.
final class ProgressBar {
    private let total: Int
    private let unit: String
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let began = ContinuousClock.now
    private var drawnAt: ContinuousClock.Instant?
    private var done = 0

    init(total: Int, unit: String) {
        self.total = total
        self.unit = unit
    }

    /// Draws at most ten times a second.
    func update(_ done: Int) {
        self.done = done
        guard isTerminal, drawnAt.map({ .now - $0 > .milliseconds(100) }) ?? true else { return }
        draw()
    }

    /// A line of its own above the bar.
    func note(_ line: String) {
        write((isTerminal ? "\r\u{1b}[K" : "") + line + "\n")
        if isTerminal { draw() }
    }

    func finish() {
        guard isTerminal else { return }
        draw()
        write("\n")
    }

    private func draw() {
        drawnAt = .now
        let fraction = total == 0 ? 1 : Double(done) / Double(total)
        let filled = Int(fraction * 30)
        let rate = Double(done) / max((.now - began) / .seconds(1), 0.001)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
        write("\r\u{1b}[K\(bar) \(Int(fraction * 100)) %  \(done) of \(total) \(unit), \(Int(rate))/s")
    }

    private func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
