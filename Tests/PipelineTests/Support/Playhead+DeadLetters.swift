import TestSupport

extension Playhead {
    /// Runs `playhead dead-letters` to its end.
    func deadLetters(_ arguments: String...) throws -> (status: Int32, output: String) {
        try deadLetters(arguments)
    }

    /// Runs `playhead dead-letters` to its end.
    func deadLetters(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let command = try start(.playhead, arguments: ["dead-letters"] + arguments)
        let output = command.process.readAll()
        return (command.process.waitUntilExit(), output)
    }
}
