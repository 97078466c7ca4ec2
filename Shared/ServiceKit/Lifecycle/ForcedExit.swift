import Foundation
import Logging
import ServiceLifecycle

/// Ends the process some time after it was asked to stop, whatever still runs: a thread that waits for a disk cannot be cancelled.
///
/// The last of a group's services, so that it is the first to be told.
struct ForcedExit: Service {
    private static let patience: TimeInterval = 10

    let logger: Logger

    func run() async throws {
        try await gracefulShutdown()
        // A thread of its own: those of the pool may be what hangs.
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: Self.patience)
            logger.error("not stopped within \(Int(Self.patience)) s: ending as after a crash")
            _exit(1)
        }
    }
}
