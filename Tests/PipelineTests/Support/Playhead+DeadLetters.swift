extension Playhead {
    /// Runs `playhead dead-letters` to its end.
    func deadLetters(_ arguments: String...) async throws -> RunningService.Ending {
        try await deadLetters(arguments)
    }

    /// Runs `playhead dead-letters` to its end.
    func deadLetters(_ arguments: [String]) async throws -> RunningService.Ending {
        try await run(["dead-letters"] + arguments)
    }
}
