/// What may be done after a failure of Redis or PostgreSQL.
public enum FailureClass: String, Sendable, Hashable {
    /// The server or the way to it is in trouble: the same request, later, may succeed. Wait with backoff, count nothing.
    case retryable
    /// The data was refused, and will be again: set it aside, go on with the rest.
    case data
    /// The program or its configuration is wrong (syntax, permission, missing table): needs a person. Waits like `retryable`
    /// in a service, as a person may repair it, but is reported as such.
    case fatal
}

/// A failure that says what may be done about it.
public protocol ClassifiedError: Error {
    var failureClass: FailureClass { get }
}
