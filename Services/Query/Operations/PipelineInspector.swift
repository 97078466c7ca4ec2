import EventStream
import HistoryStore
import Models

/// Looks at the pipeline, at most once a second however many ask: each look costs Redis some sixty commands.
actor PipelineInspector {
    private static let freshness = Duration.seconds(1)

    private let topology: StreamTopology
    private let connection: RedisConnection
    private let database: PostgresConnection
    private var last: (status: PipelineStatus, at: ContinuousClock.Instant)?
    /// The look that is under way, for whoever asks meanwhile.
    private var looking: Task<Result<PipelineStatus, RedisError>, Never>?

    init(topology: StreamTopology, connection: RedisConnection, database: PostgresConnection) {
        self.topology = topology
        self.connection = connection
        self.database = database
    }

    /// - Throws: ``RedisError``
    func status() async throws(RedisError) -> PipelineStatus {
        if let last, .now - last.at < Self.freshness { return last.status }
        let task = looking ?? Task { await self.attempt() }
        looking = task
        return try await task.value.get()
    }

    private func attempt() async -> Result<PipelineStatus, RedisError> {
        defer { looking = nil }
        do throws(RedisError) {
            let status = try await look()
            last = (status, .now)
            return .success(status)
        } catch {
            return .failure(error)
        }
    }

    private func look() async throws(RedisError) -> PipelineStatus {
        let ledger = SpoolLedger(connection: connection)
        let registry = ReplicaRegistry(group: StreamNames.historyGroup, connection: connection)
        let time = try await ledger.now()
        let names = try await registry.live()
        let work = try await registry.work(of: names)
        return PipelineStatus(
            time: time,
            partitions: try await StreamInspector(topology: topology, connection: connection).partitions(group: StreamNames.historyGroup),
            replicas: zip(names, work).map { ($0, $1?.work, $1?.ageMs) }, spools: try await ledger.folders(),
            // A database that is away is no reason not to show the streams.
            deadLetters: try? await DeadLetterStore(connection: database).count(), memory: try await RedisMemory(over: connection).known)
    }
}
