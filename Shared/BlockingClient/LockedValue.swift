import Foundation

/// A value behind a lock.
///
/// A lock of pthreads and not `Mutex`: the thread sanitizer knows pthreads, and takes what `Mutex` guards for unguarded.
///
/// `@unchecked Sendable`: the value is touched under the lock only.
public final class LockedValue<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    public init(_ value: Value) {
        self.value = value
    }

    public func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}
