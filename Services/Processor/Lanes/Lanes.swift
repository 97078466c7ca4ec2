import ServiceLifecycle

/// All lanes of a processor: they start and stop together, not one after the other.
struct Lanes: Service {
    let lanes: [Lane]

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in lanes { group.addTask { try await lane.run() } }
            try await group.waitForAll()
        }
    }
}
