import Foundation

extension ServiceConfiguration {
    /// What ended before is no longer kept, in milliseconds since 1970; nil where everything is kept.
    public func historyKeptSince(now: Date = .now) -> Int64? {
        optionalDuration(.historyRetention).map { Int64(now.timeIntervalSince1970 * 1000) - Int64($0 / .milliseconds(1)) }
    }
}
