import ArgumentParser
import Models
import ServiceKit

/// A time in a stream, as people give it.
enum StreamTime: ExpressibleByArgument {
    case at(Timestamp)
    case ago(Duration)

    init?(argument: String) {
        if let duration = DurationText.parse(argument) {
            self = .ago(duration)
        } else if let time = RFC3339.parse(argument), time >= 0 {
            self = .at(time)
        } else {
            return nil
        }
    }

    /// - Throws: where the time is yet to come.
    func milliseconds(at now: Timestamp) throws -> Timestamp {
        switch self {
        case .ago(let duration): return max(now - Int64(duration / .milliseconds(1)), 0)
        case .at(let time):
            guard time <= now else { throw CommandFailure("--since is yet to come: by Redis' clock it is \(RFC3339.format(now))") }
            return time
        }
    }
}
