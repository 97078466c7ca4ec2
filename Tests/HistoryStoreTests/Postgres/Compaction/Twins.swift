import Models
import Oracle
import TestSupport
import Testing

@testable import HistoryStore

/// Two databases that are told the same, of which one compacts: nobody who reads can tell which.
struct Twins {
    static let members = (0..<3).map { OpaqueID("m-\($0)") }
    static let titles = (0..<5).map { OpaqueID("t-\($0)") }
    private static let day: Int64 = 86_400_000

    let compacting: TestDatabase
    let plain: TestDatabase
    private let appliers: [SessionApplier]
    private let compactor: MemberCompactor
    private var random: SeededGenerator
    private(set) var accepted: [PlaybackEvent] = []
    /// That will come later, or never.
    private var late: [PlaybackEvent] = []
    private var sessions = 0
    private(set) var erased: Set<OpaqueID> = []
    private(set) var compacted = 0

    init(seed: UInt64) async throws {
        random = SeededGenerator(seed: seed)
        compacting = try await TestDatabase()
        plain = try await TestDatabase()
        appliers = [SessionApplier(connection: compacting.connection("writer")), SessionApplier(connection: plain.connection("writer"))]
        // Some three sessions each.
        compactor = MemberCompactor(connection: compacting.connection("compactor"), chunkBytes: 300)
    }

    /// Something that happens to both.
    mutating func step() async throws {
        switch Int.random(in: 0..<100, using: &random) {
        case ..<45: try await watch()
        case ..<65: try await late.isEmpty ? watch() : comeLate()
        case ..<90:
            let member = Self.members.randomElement(using: &random)!
            compacted += try await compactor.compact(member, .endedBefore(.max)).sessions
        case ..<97: try await hide()
        // Somebody stays, to be compacted.
        default: try await erased.count < Self.members.count - 1 ? erase() : watch()
        }
    }

    private mutating func watch() async throws {
        let member = Self.members.randomElement(using: &random)!
        for _ in 0..<Int.random(in: 1...12, using: &random) {
            let title = Self.titles.randomElement(using: &random)!
            // Many on one day, so that members have several sessions of a title that day.
            let offset = Int64.random(in: 0..<20, using: &random) * Self.day
            sessions += 1
            let id =
                sessions.isMultiple(of: 3)
                ? OpaqueID("session-\(sessions)") : OpaqueID("018f3c5e-1111-7000-8000-\(String(100_000_000_000 + sessions))")
            var events = RandomSession(using: &random).arrived
            for index in events.indices {
                events[index].memberId = member
                events[index].sessionId = id
                events[index].titleId = title
                events[index].occurredAt -= 30 * Self.day - offset
                events[index].receivedAt = 4_000_000_000_000
            }
            let cut = random.chance(60) ? events.count : Int.random(in: 0...events.count, using: &random)
            late += events[cut...]
            try await apply(Array(events[..<cut]))
        }
    }

    private mutating func comeLate() async throws {
        late.shuffle(using: &random)
        let count = Int.random(in: 1...min(40, late.count), using: &random)
        let events = Array(late.suffix(count))
        late.removeLast(count)
        try await apply(events)
    }

    private mutating func apply(_ events: [PlaybackEvent]) async throws {
        let outcome = try await appliers[0].apply(events)
        let other = try await appliers[1].apply(events)
        #expect(outcome.applied == other.applied && outcome.duplicates == other.duplicates && outcome.erased == other.erased)
        accepted += events.filter { !erased.contains($0.memberId) }
    }

    private mutating func hide() async throws {
        let member = Self.members.randomElement(using: &random)!
        let title = random.chance(30) ? "" : Self.titles.randomElement(using: &random)!
        let column = title.text.isEmpty || random.chance(60) ? "hidden_until" : "row_hidden_until"
        let until = PlaybackEvent.sampleTime - Int64.random(in: 5..<35, using: &random) * Self.day
        guard !erased.contains(member) else { return }
        for database in [compacting, plain] {
            _ = try await database.connection("hiding").run(
                PostgresStatement(
                    name: "hide_\(column)",
                    sql: """
                        INSERT INTO hidden_title (member_id, title_id, \(column)) VALUES ($1, $2, $3)
                        ON CONFLICT (member_id, title_id) DO UPDATE SET \(column) = greatest(hidden_title.\(column), excluded.\(column))
                        """)(.text(member.text), .text(title.text), .timestamp(until)))
        }
    }

    private mutating func erase() async throws {
        let member = Self.members.randomElement(using: &random)!
        erased.insert(member)
        accepted.removeAll { $0.memberId == member }
        for database in [compacting, plain] { try await MemberEraser(pool: database.pool()).erase(member) }
    }

    /// Chunks of a member hold what they say, and lie side by side.
    func expectChunksInOrder() async throws {
        for member in Self.members {
            let chunks = try StoredChunk.all(await compacting.connection("chunks").run(Self.chunks(.text(member.text))))
            for chunk in chunks {
                #expect(chunk.oldest == chunk.sessions.last?.summary.startedAt && chunk.newest == chunk.sessions.first?.summary.startedAt)
            }
            for (one, next) in zip(chunks, chunks.dropFirst()) { #expect(one.newest <= next.oldest) }
        }
    }

    private static let chunks = PostgresStatement(
        name: "twins_chunks",
        sql: "SELECT \(StoredChunk.columns("c")) FROM history_chunk c WHERE c.member_id = $1 ORDER BY c.newest, c.oldest")

    /// The most chunks that a member has.
    func mostChunks() async throws -> Int64 {
        let most = PostgresStatement(
            name: "twins_most", sql: "SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM history_chunk GROUP BY member_id) c")
        return try await compacting.connection("chunks").run(most()).int8(0, 0) ?? 0
    }

    /// Everything that can be read of a member, but for revisions, which differ.
    func view(_ database: TestDatabase, _ member: OpaqueID, limit: Int, filter: HistoryReader.Filter) async throws -> MemberView {
        let pool = database.pool()
        let reader = HistoryReader(pool: pool)
        var view = MemberView()
        var cursor: HistoryCursor?
        repeat {
            let page = try await reader.history(of: member, filter: filter, after: cursor, limit: limit)
            #expect(page.next == nil || page.sessions.count == limit)
            view.pages.append(page.sessions.map { .init(id: $0.sessionId, summary: $0.summary) })
            cursor = page.next
        } while cursor != nil
        for title in Self.titles { view.bookmarks.append(try await reader.bookmark(of: member, title: title)) }
        view.continueWatching = try await reader.continueWatching(of: member, limit: limit)
        for id in Set(accepted.filter { $0.memberId == member }.map(\.sessionId)).sorted().prefix(5) {
            for evenIfHidden in [false, true] {
                let found = try await reader.session(SessionKey(memberId: member, sessionId: id), evenIfHidden: evenIfHidden)
                view.single.append(found.map { .init(id: $0.session.sessionId, summary: $0.session.summary, runs: $0.sequenceRuns) })
            }
        }
        for withStates in [false, true] {
            let export = try await HistoryExport(of: member, withStates: withStates, pool: pool)
            while let rows = try await export.next() {
                view.exported += rows.map {
                    .init(id: $0.session.sessionId, summary: $0.session.summary, isBookmark: $0.isBookmark, state: $0.state)
                }
            }
        }
        return view
    }

    mutating func filter() -> HistoryReader.Filter {
        var filter = HistoryReader.Filter()
        if random.chance(30) { filter.titleId = Self.titles.randomElement(using: &random)! }
        if random.chance(30) { filter.from = PlaybackEvent.sampleTime - Int64.random(in: 15..<35, using: &random) * Self.day }
        if random.chance(30) { filter.to = PlaybackEvent.sampleTime - Int64.random(in: 5..<25, using: &random) * Self.day }
        return filter
    }

    mutating func limit() -> Int { Int.random(in: 1...9, using: &random) }
}

struct MemberView: Equatable {
    struct Shown: Equatable {
        var id: OpaqueID
        var summary: SessionSummary
        var runs: [ClosedRange<Int64>] = []
        var isBookmark = false
        var state: SessionState?
    }

    var pages: [[Shown]] = []
    var bookmarks: [TitleBookmark?] = []
    var continueWatching: [TitleBookmark] = []
    var single: [Shown?] = []
    var exported: [Shown] = []
}
