import ServiceLifecycle
import Synchronization

/// Lets services begin when the admin server listens, and not before: a process that cannot run must not have begun anything.
final class StartGate: Sendable {
    private let isOpen = Atomic(false)

    func open() {
        isOpen.store(true, ordering: .releasing)
    }

    /// A service that waits for the gate.
    func gated(_ service: any Service) -> any Service {
        Gated(service: service, gate: self)
    }

    private struct Gated: Service {
        let service: any Service
        let gate: StartGate

        func run() async throws {
            await cancelWhenGracefulShutdown {
                while !gate.isOpen.load(ordering: .acquiring), !Task.isCancelled { try? await Task.sleep(for: .milliseconds(2)) }
            }
            if gate.isOpen.load(ordering: .acquiring) { try await service.run() }
        }
    }
}
