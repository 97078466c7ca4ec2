/// A condition that did not come true in time.
public struct NotInTime: Error, CustomStringConvertible {
    public let description: String

    public init(description: String) {
        self.description = description
    }
}

/// Waits until a condition holds.
/// - Throws: ``NotInTime`` with `what` after `timeout`, or what the condition throws.
public func eventually(_ what: String, within timeout: Duration = .seconds(40), _ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + timeout
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw NotInTime(description: "not within \(timeout): \(what)") }
        try await Task.sleep(for: .milliseconds(5))
    }
}
