import BlockingClient

/// A value that is made when it is needed for the first time.
final class OnFirstUse<Value: Sendable>: Sendable {
    private let made = LockedValue<Value?>(nil)
    private let make: @Sendable () -> Value

    init(_ make: @escaping @Sendable () -> Value) {
        self.make = make
    }

    var value: Value {
        made.withLock { made in
            let value = made ?? make()
            made = value
            return value
        }
    }
}
