import Foundation

/// Does what blocks on a thread of its own: the few threads that run tasks are there for all tests.
public func aside<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: work()) }
    }
}
