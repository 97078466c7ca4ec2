import EventStream
import Foundation
import HistoryStore
import Models
import Synchronization
import TestSupport

@testable import Operator

/// A whole pipeline of one test's own: Redis, a database, and the services as processes.
final class Playhead: Sendable {
    let redis: TestRedis
    let database: TestDatabase
    /// The API addresses of the services that were asked for.
    let edge: String
    let query: String
    private let services: [RunningService.Name: RunningService]
    private let settings: [String: String]
    /// Held until the end of the test: a service ends with its last reference.
    private let started = Mutex<[RunningService]>([])

    /// Far above the defaults: a slow disk is no failure of a test. One of a timeout sets its own.
    private static let patience = [
        "PLAYHEAD_SYNC_TIMEOUT_MS": "15000", "PLAYHEAD_REQUEST_TIMEOUT_MS": "15000", "PLAYHEAD_STREAM_TIMEOUT_MS": "10000",
    ]

    /// Starts services and returns when all are ready.
    /// - Parameter settings: instead of the services' defaults, and of timeouts of the edge that are far above them.
    init(
        _ names: [RunningService.Name] = [.edge, .processor, .compactor, .query], keepingRedisIn folder: TemporaryFolder? = nil,
        settings: [String: String] = [:]
    ) async throws {
        redis = try await TestRedis(keepingDataIn: folder)
        database = try await TestDatabase()
        let all = ["PLAYHEAD_REDIS_URL": redis.url, "PLAYHEAD_POSTGRES_URL": database.url].merging(Self.patience) { $1 }.merging(settings) {
            $1
        }
        self.settings = all
        var services: [RunningService.Name: RunningService] = [:]
        for name in names { services[name] = try RunningService(name, environment: all) }
        for service in services.values { try await service.untilReady() }
        edge = try await services[.edge]?.api() ?? ""
        query = try await services[.query]?.api() ?? ""
        self.services = services
    }

    subscript(name: RunningService.Name) -> RunningService { services[name]! }

    /// Those that were started and have not ended.
    func running(_ name: RunningService.Name) -> [RunningService] {
        ((services[name].map { [$0] } ?? []) + started.withLock { $0.filter { $0.name == name } }).filter(\.process.isRunning)
    }

    /// Another process beside those that run.
    func start(_ name: RunningService.Name, arguments: [String] = [], settings: [String: String] = [:]) throws -> RunningService {
        let service = try RunningService(name, arguments: arguments, environment: self.settings.merging(settings) { $1 })
        started.withLock { $0.append(service) }
        return service
    }

    /// Runs `playhead` to its end.
    func run(_ arguments: String..., settings: [String: String] = [:]) async throws -> RunningService.Ending {
        try await run(arguments, settings: settings)
    }

    /// Runs `playhead` to its end.
    func run(_ arguments: [String], settings: [String: String] = [:]) async throws -> RunningService.Ending {
        try await RunningService(.playhead, arguments: arguments, environment: self.settings.merging(settings) { $1 }).ending()
    }

    /// Sends events and expects all to be accepted. A 503 is not the end, as for any client: a disk may be busy for longer than an edge waits.
    func post(_ events: [PlaybackEvent]) async throws {
        for start in stride(from: 0, to: events.count, by: 1000) {
            let body = try JSONEncoder().encode(events[start..<min(start + 1000, events.count)].map(OutgoingEvent.init))
            try await eventually("the edge accepts events") {
                let answer = try await HTTP.post(edge + "/v1/events", body)
                guard [200, 202, 503].contains(answer.status) else {
                    throw NotInTime(description: "the edge answered \(answer.status): \(answer.text)")
                }
                return answer.status != 503
            }
        }
    }

    /// Waits until everything accepted is applied.
    func settle(within timeout: Duration = .seconds(60)) async throws {
        let inspector = StreamInspector(topology: StreamTopology(partitions: 16), connection: redis.connection("inspector"))
        let wait = SettledWait(
            inspector: inspector, spools: SpoolLedger(connection: redis.connection("spools")), timeout: timeout)
        if let unsettled = try await wait.run(progress: { _ in }) {
            throw NotInTime(description: "not within \(timeout): everything is applied; \(unsettled)")
        }
    }

    /// Every session of the database with what a reader sees of it, the revision aside.
    func summaries(of members: [OpaqueID]) async throws -> [SessionKey: SessionSummary] {
        let reader = HistoryReader(pool: database.pool())
        var found: [SessionKey: SessionSummary] = [:]
        for member in members {
            for session in try await reader.history(of: member, filter: .init(), after: nil, limit: 1000).sessions {
                found[SessionKey(memberId: member, sessionId: session.sessionId)] = session.summary
            }
        }
        return found
    }
}

/// A bounded amount of viewing: members × sessions × events, in one shuffled list.
struct Viewing {
    let members: [OpaqueID]
    let events: [PlaybackEvent]

    init(members: Int, sessions: Int, events: Int) {
        let ids = (0..<members).map { OpaqueID("member-\($0)") }
        self.members = ids
        self.events = ids.flatMap { member in
            (0..<sessions).flatMap { session in
                (0..<Int64(events)).map {
                    PlaybackEvent.playing(
                        member: member, session: OpaqueID("\(member)-\(session)"), seq: $0, title: OpaqueID("t-\(session)"))
                }
            }
        }.sorted { Self.place($0) < Self.place($1) }
    }

    /// Shuffled, and the same in every run.
    private static func place(_ event: PlaybackEvent) -> UInt64 {
        StableHash.fnv1a(purpose: "shuffle", "\(event.seq) of \(event.sessionId)")
    }

    /// What must stand in the database in the end.
    var expected: [SessionKey: SessionSummary] {
        Dictionary(grouping: events, by: \.key).compactMapValues { SessionState.folding($0)?.summary }
    }
}
