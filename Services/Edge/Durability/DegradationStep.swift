import Spool

/// How much of its work an edge does. Pure.
enum DegradationStep: Int, Sendable, Hashable {
    /// Events go to the streams.
    case stream
    /// To the spool.
    case spool
    /// To the spool, but no `progress`: it is more than 80 % full.
    case essentials
    /// Nowhere: requests are answered with 503.
    case refusing

    /// - Parameter usage: nil without a spool.
    init(isTaking: Bool, usage: SpoolUsage?) {
        guard !isTaking else {
            self = .stream
            return
        }
        guard let usage, usage.failure == nil else {
            self = .refusing
            return
        }
        self =
            switch usage.level {
            case .everything: .spool
            case .essentials: .essentials
            case .nothing: .refusing
            }
    }
}
