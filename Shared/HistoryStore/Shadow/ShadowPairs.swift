import Models

/// A session as the two histories have it.
public struct ShadowPair: Sendable, Hashable {
    /// Its member and its id.
    public var key: SessionKey
    /// When it began while its member was shadowed, by the database's clock; nil where it is not known to have.
    public var beganAt: Timestamp?
    /// Every copy of its events was made, as far as anybody noted.
    public var isCopied: Bool
    /// When either history was written last; nil where none has a row.
    public var writtenAt: Timestamp?
    /// When the history alone was.
    public var historyWrittenAt: Timestamp?
    /// What members are shown; nil where it is not there; a compacted one is.
    public var history: SessionState?
    /// What was made of copies; nil where it is not there.
    public var shadow: SessionState?
    /// What readers are shown of its row in the history: what stands in the row's columns; nil where there is no row, as of a compacted one.
    public var historyShown: SessionSummary?
    /// The same of its row in the shadow.
    public var shadowShown: SessionSummary?
    /// Its member is erased: one of the two may be gone already.
    public var memberIsErased: Bool

    /// A pair, by default of a session that has a row in neither.
    public init(
        key: SessionKey, beganAt: Timestamp?, isCopied: Bool, writtenAt: Timestamp?, historyWrittenAt: Timestamp?,
        history: SessionState? = nil, shadow: SessionState? = nil, historyShown: SessionSummary? = nil, shadowShown: SessionSummary? = nil,
        memberIsErased: Bool = false
    ) {
        self.historyShown = historyShown
        self.shadowShown = shadowShown
        self.memberIsErased = memberIsErased
        self.key = key
        self.beganAt = beganAt
        self.isCopied = isCopied
        self.writtenAt = writtenAt
        self.historyWrittenAt = historyWrittenAt
        self.history = history
        self.shadow = shadow
    }
}

/// Reads both histories side by side, in the order of their keys: what began while it was shadowed, and what is in the shadow.
public struct ShadowPairs: Sendable {
    private let history: PostgresConnection
    private let shadow: PostgresConnection

    /// - Parameters:
    ///   - history: to the history that members are shown.
    ///   - shadow: to the other one: ``PostgresConfiguration/Schema/shadow`` of the same database.
    public init(history: PostgresConnection, shadow: PostgresConnection) {
        self.history = history
        self.shadow = shadow
    }

    /// - Parameters:
    ///   - after: where the portion before ended.
    ///   - since: sessions that began before, or are in the shadow alone and were written before, are left out; in milliseconds since 1970.
    ///   - limit: how many are looked at, the ones that are left out included.
    /// - Returns: the next portion, the last key that was looked at, nil at the end, and the database's clock before it was read.
    /// - Throws: ``PostgresError``
    public func next(
        after: SessionKey?, since: Timestamp, limit: Int
    ) async throws(PostgresError) -> (pairs: [ShadowPair], last: SessionKey?, now: Timestamp) {
        let found = try await history.run([
            Self.clock(),
            Self.keys(
                .text(after?.memberId.text ?? ""), .text(after?.sessionId.text ?? ""), .timestamp(since), .int4(Int32(clamping: limit))),
        ])
        let now = try PostgresResult.required(found[0].timestamp(0, 0), "clock_timestamp")
        var pairs: [ShadowPair] = []
        var last: SessionKey?
        for row in 0..<found[1].rowCount {
            let result = found[1]
            let key = SessionKey(
                memberId: OpaqueID(try PostgresResult.required(result.text(row, 0), "member_id")),
                sessionId: OpaqueID(try PostgresResult.required(result.text(row, 1), "session_id")))
            last = key
            guard result.bool(row, 6) == true else { continue }
            let times = [result.timestamp(row, 4), result.timestamp(row, 5)]
            pairs.append(
                ShadowPair(
                    key: key, beganAt: result.timestamp(row, 2), isCopied: result.bool(row, 3) != true,
                    writtenAt: times.compactMap(\.self).max(),
                    historyWrittenAt: times[0]))
        }
        try await fill(&pairs)
        return (pairs, last, now)
    }

    /// The same of single sessions.
    /// - Throws: ``PostgresError``
    public func pairs(of keys: [SessionKey]) async throws(PostgresError) -> [ShadowPair] {
        var pairs: [ShadowPair] = []
        for key in keys {
            let result = try await history.run(Self.one(.text(key.memberId.text), .text(key.sessionId.text)))
            let times = [result.timestamp(0, 2), result.timestamp(0, 3)]
            pairs.append(
                ShadowPair(
                    key: key, beganAt: result.timestamp(0, 0), isCopied: result.bool(0, 1) != true,
                    writtenAt: times.compactMap(\.self).max(),
                    historyWrittenAt: times[0]))
        }
        try await fill(&pairs)
        return pairs
    }

    private func fill(_ pairs: inout [ShadowPair]) async throws(PostgresError) {
        let keys = pairs.map(\.key)
        // The shadow first: what comes between the two is in the history then, and found again when the pair is looked at once more.
        let copies = try await GuardedWrite(connection: shadow).load(keys)
        let originals = try await GuardedWrite(connection: history).load(keys)
        for index in pairs.indices {
            pairs[index].memberIsErased = copies[index].memberIsErased || originals[index].memberIsErased
            pairs[index].shadow = copies[index].row?.state
            pairs[index].history = originals[index].row?.state
        }
        let (copied, shown) = (try await Self.columns(of: keys, over: shadow), try await Self.columns(of: keys, over: history))
        for index in pairs.indices {
            pairs[index].shadowShown = copied[index]
            pairs[index].historyShown = shown[index]
        }
    }

    /// Whoever changes a row by hand changes these, and not its state.
    private static func columns(
        of keys: [SessionKey], over connection: PostgresConnection
    ) async throws(PostgresError) -> [SessionSummary?] {
        guard !keys.isEmpty else { return [] }
        let result = try await connection.run(columns(.texts(keys.map(\.memberId.text)), .texts(keys.map(\.sessionId.text))))
        guard result.rowCount == keys.count else {
            throw PostgresError(.unexpectedResult, "\(result.rowCount) rows for \(keys.count) sessions")
        }
        var found: [SessionSummary?] = []
        for row in 0..<result.rowCount { found.append(result.isNull(row, 0) ? nil : try StoredSession(result, row: row).summary) }
        return found
    }

    private static let columns = PostgresStatement(
        name: "shadow_columns",
        sql: """
            SELECT \(StoredSession.columns("p"))
            FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS u (member_id, session_id, ordinal)
            LEFT JOIN playback_session p ON p.member_id = u.member_id AND p.session_id = u.session_id
            ORDER BY u.ordinal
            """)

    private static let clock = PostgresStatement(name: "shadow_clock", sql: "SELECT clock_timestamp()")

    /// $1, $2: the key to go on after. Each part by its primary key, so that a portion costs what it has.
    private static let keys = PostgresStatement(
        name: "shadow_keys",
        sql: """
            WITH k AS (
                (SELECT member_id, session_id FROM shadowed_session
                 WHERE (member_id, session_id) > ($1::text, $2::text)
                 ORDER BY member_id, session_id LIMIT $4::int4)
                UNION
                (SELECT member_id, session_id FROM shadow.playback_session
                 WHERE (member_id, session_id) > ($1::text, $2::text)
                 ORDER BY member_id, session_id LIMIT $4::int4)
                ORDER BY member_id, session_id LIMIT $4::int4)
            SELECT k.member_id, k.session_id, nullif(l.began_at, 'infinity'), l.not_copied, p.updated_at, s.updated_at,
                CASE WHEN l.began_at < 'infinity' THEN l.began_at >= $3::timestamptz ELSE s.updated_at >= $3::timestamptz END
            FROM k
            LEFT JOIN shadowed_session l ON l.member_id = k.member_id AND l.session_id = k.session_id
            LEFT JOIN playback_session p ON p.member_id = k.member_id AND p.session_id = k.session_id
            LEFT JOIN shadow.playback_session s ON s.member_id = k.member_id AND s.session_id = k.session_id
            ORDER BY k.member_id, k.session_id
            """)

    private static let one = PostgresStatement(
        name: "shadow_one",
        sql: """
            SELECT nullif(l.began_at, 'infinity'), l.not_copied, p.updated_at, s.updated_at
            FROM (SELECT $1::text AS member_id, $2::text AS session_id) AS k
            LEFT JOIN shadowed_session l ON l.member_id = k.member_id AND l.session_id = k.session_id
            LEFT JOIN playback_session p ON p.member_id = k.member_id AND p.session_id = k.session_id
            LEFT JOIN shadow.playback_session s ON s.member_id = k.member_id AND s.session_id = k.session_id
            """)
}
