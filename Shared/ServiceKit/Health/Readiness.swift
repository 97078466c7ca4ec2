import Logging
import Synchronization

/// Whether a service can do its job, and what stands in the way. Degraded counts as ready.
///
/// The parts of the service note their troubles here as they meet them; a request for `/readyz` asks nobody and so cannot
/// make an outage worse.
public final class Readiness: Sendable {
    /// What is wrong with one part.
    public struct Trouble: Sendable, Hashable {
        public var reason: String
        /// The service still does its job.
        public var isDegradedOnly: Bool
    }

    private static let starting = "starting"
    private let troubles: Mutex<[String: Trouble]>

    /// - Parameter awaiting: the parts that have to report before the service is ready for the first time.
    public init(awaiting parts: [String]) {
        troubles = Mutex(Dictionary(uniqueKeysWithValues: parts.map { ($0, Trouble(reason: Self.starting, isDegradedOnly: false)) }))
    }

    /// Notes that a part works.
    /// - Returns: the trouble that this ends, if any.
    @discardableResult
    public func works(_ part: String) -> Trouble? {
        troubles.withLock { $0.removeValue(forKey: part) }
    }

    /// Notes that a part does not work.
    /// - Returns: the trouble that it had before, if any.
    @discardableResult
    public func fails(_ part: String, _ reason: String, isDegradedOnly: Bool = false) -> Trouble? {
        troubles.withLock { $0.updateValue(Trouble(reason: reason, isDegradedOnly: isDegradedOnly), forKey: part) }
    }

    /// Notes that a part works, and logs it where that is news.
    public func works(_ part: String, logger: Logger) {
        guard let ended = works(part), ended.reason != Self.starting else { return }
        logger.notice("works again", metadata: ["part": "\(part)"])
    }

    /// Notes that a part does not work, and logs it where that is news: once for as long as it lasts.
    public func fails(_ part: String, _ reason: String, isDegradedOnly: Bool = false, logger: Logger) {
        if let former = fails(part, reason, isDegradedOnly: isDegradedOnly), former.reason != Self.starting { return }
        logger.warning("not ready", metadata: ["part": "\(part)", "error": "\(reason)"])
    }

    public var current: [String: Trouble] { troubles.withLock { $0 } }
}
