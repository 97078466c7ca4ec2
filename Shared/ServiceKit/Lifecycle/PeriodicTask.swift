import Logging
import ServiceLifecycle

/// Work that a service does again and again, with its outcome on `/readyz`.
///
/// The first pass comes at once. Trouble is logged once when it begins and once when it ends.
public struct PeriodicTask: Service {
    private let part: String
    private let interval: Duration
    private let readiness: Readiness
    private let logger: Logger
    private let isEssential: Bool
    private let endsProcess: @Sendable (any Error) -> Bool
    private let work: @Sendable () async throws -> Void

    /// - Parameters:
    ///   - part: the name on `/readyz`.
    ///   - interval: between the end of one pass and the beginning of the next.
    ///   - isEssential: whether the service cannot do its job while the work fails.
    ///   - endsProcess: which errors waiting cannot mend, as a setting that does not fit; they are thrown by `run`.
    public init(
        _ part: String, every interval: Duration, readiness: Readiness, logger: Logger, isEssential: Bool = true,
        endsProcess: @escaping @Sendable (any Error) -> Bool = { _ in false }, work: @escaping @Sendable () async throws -> Void
    ) {
        self.part = part
        self.interval = interval
        self.readiness = readiness
        self.logger = logger
        self.isEssential = isEssential
        self.endsProcess = endsProcess
        self.work = work
    }

    public func run() async throws {
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await work()
                    readiness.works(part, logger: logger)
                } catch let error where endsProcess(error) {
                    throw error
                } catch {
                    readiness.fails(part, "\(error)", isDegradedOnly: !isEssential, logger: logger)
                }
                try? await Task.sleep(for: interval)
            }
        }
    }
}
