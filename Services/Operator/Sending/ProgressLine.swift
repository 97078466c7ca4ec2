import Foundation

/// Progress in words on standard error: redrawn on a terminal, a line now and then elsewhere.
final class ProgressLine {
    private static let terminalInterval = Duration.milliseconds(100)
    private static let plainInterval = Duration.seconds(5)

    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var shownAt = ContinuousClock.now

    /// Shows a text, unless one was shown a moment ago.
    func update(_ text: @autoclosure () -> String) {
        guard .now - shownAt >= (isTerminal ? Self.terminalInterval : Self.plainInterval) else { return }
        shownAt = .now
        write(isTerminal ? "\r\u{1b}[K" + text() : text() + "\n")
    }

    /// A line that stays.
    func note(_ line: String) {
        write((isTerminal ? "\r\u{1b}[K" : "") + line + "\n")
    }

    /// Leaves the terminal's line for what comes after.
    func clear() {
        if isTerminal { write("\r\u{1b}[K") }
    }

    private func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
