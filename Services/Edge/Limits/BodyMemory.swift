import Synchronization

/// The memory for bodies that are arriving or being worked on, of all requests together: many clients that send large ones, or only begin to,
/// cannot take all there is.
///
/// A small body always has its place. So the bound is this memory and ``freeBytes`` for each connection, of which there is a largest number too.
final class BodyMemory: Sendable {
    /// Of each body: not counted.
    static let freeBytes = 8 << 10

    private let limitBytes: Int
    private let usedBytes = Atomic(0)

    init(limitBytes: Int) {
        self.limitBytes = limitBytes
    }

    /// What one request has of it, until this ends.
    struct Share: ~Copyable {
        private let memory: BodyMemory
        private var bytes = 0
        private var counted: Int { max(bytes - BodyMemory.freeBytes, 0) }

        init(of memory: BodyMemory) {
            self.memory = memory
        }

        deinit { memory.usedBytes.subtract(counted, ordering: .relaxed) }

        /// - Returns: false, and nothing is taken, where there is not so much left.
        mutating func grow(by more: Int) -> Bool {
            let before = counted
            bytes += more
            let grown = counted - before
            let used = memory.usedBytes.add(grown, ordering: .relaxed).newValue
            guard grown > 0, used > memory.limitBytes else { return true }
            memory.usedBytes.subtract(grown, ordering: .relaxed)
            bytes -= more
            return false
        }
    }
}
