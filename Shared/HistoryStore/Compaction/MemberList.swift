import Models

/// All members with live sessions, in the order of their ids.
public actor MemberList {
    private static let portion: Int32 = 500

    private let connection: PostgresConnection
    private var last = ""

    public init(connection: PostgresConnection) {
        self.connection = connection
    }

    /// - Returns: nil at the end.
    /// - Throws: ``PostgresError``
    public func next() async throws(PostgresError) -> [OpaqueID]? {
        let result = try await connection.run(Self.read(.text(last), .int4(Self.portion)))
        let members = (0..<result.rowCount).compactMap { result.text($0, 0).map { OpaqueID($0) } }
        guard let end = members.last else { return nil }
        last = end.text
        return members
    }

    private static let read = PostgresStatement(
        name: "member_list",
        sql: "SELECT member_id FROM playback_session WHERE member_id > $1 GROUP BY member_id ORDER BY member_id LIMIT $2")
}
