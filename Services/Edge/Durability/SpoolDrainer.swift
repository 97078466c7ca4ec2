import EventStream
import Logging
import ServiceKit
import ServiceLifecycle
import Spool

/// Takes what was spooled to the streams while Redis takes events, and takes over what other edges have left. While the spool is needed and cannot
/// be written, it finds out when it can be.
///
/// After each portion it pauses for as long as the portion took, so that live events have Redis to themselves at least half of the time.
struct SpoolDrainer: Service {
    /// On `/readyz`: what cannot be read now cannot be written when it is needed.
    private static let part = "spool disk"
    private static let adoptionInterval = Duration.seconds(5)
    private static let idleInterval = Duration.milliseconds(100)
    /// After a portion that was refused as a whole, and after trouble with the disk.
    private static let troubleInterval = Duration.seconds(1)

    let drain: SpoolDrain
    let spool: Spool
    let condition: EdgeCondition
    let readiness: Readiness
    let logger: Logger

    /// What is not drained when it ends stays on disk.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            var nextAdoption = ContinuousClock.now
            var isInTrouble = false
            while !Task.isCancelled {
                var pause = Self.idleInterval
                do {
                    if nextAdoption <= .now {
                        nextAdoption = .now + Self.adoptionInterval
                        try await drain.adopt()
                    }
                    if condition.isTaking {
                        if !spool.usage.isEmpty { pause = try await sendPortion() }
                    } else if spool.usage.failure != nil {
                        // An edge that is not ready gets no requests by which it could find out.
                        pause = Self.troubleInterval
                        await spool.tryDisk()
                    }
                    if isInTrouble { logger.notice("the spool can be used again") }
                    isInTrouble = false
                    readiness.works(Self.part)
                } catch {
                    if !isInTrouble { logger.error("cannot use the spool", metadata: ["error": "\(error)"]) }
                    isInTrouble = true
                    // Only who reads the folders again can tell that they can be read.
                    nextAdoption = .now
                    readiness.fails(Self.part, "\(error)", isDegradedOnly: true)
                    pause = Self.troubleInterval
                }
                try? await Task.sleep(for: pause)
            }
        }
    }

    /// - Returns: how long to pause.
    /// - Throws: ``SpoolError``
    private func sendPortion() async throws(SpoolError) -> Duration {
        let began = ContinuousClock.now
        do {
            switch try await drain.sendPortion() {
            case .empty, .busy: return Self.idleInterval
            case .sent(let events, let refused):
                return events > 0 && refused == events ? Self.troubleInterval : .now - began
            }
        } catch let error as SpoolError {
            throw error
        } catch {
            condition.failed(error)
            return Self.idleInterval
        }
    }
}
