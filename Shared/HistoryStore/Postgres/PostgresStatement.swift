/// A statement that each connection prepares when it first uses it.
public struct PostgresStatement: Sendable, Hashable {
    /// Unique among the program's statements.
    public let name: String
    public let sql: String

    public init(name: String, sql: String) {
        self.name = name
        self.sql = sql
    }

    /// The statement with its parameters, $1 first.
    public func callAsFunction(_ parameters: PostgresValue...) -> PostgresQuery {
        self(parameters)
    }

    /// The statement with its parameters, $1 first.
    public func callAsFunction(_ parameters: [PostgresValue]) -> PostgresQuery {
        PostgresQuery(statement: self, parameters: parameters)
    }
}

/// A statement with the values to run it with.
public struct PostgresQuery: Sendable {
    let statement: PostgresStatement
    let parameters: [PostgresValue]

    public static let begin = PostgresStatement(name: "begin", sql: "BEGIN")()
    public static let commit = PostgresStatement(name: "commit", sql: "COMMIT")()
    public static let rollback = PostgresStatement(name: "rollback", sql: "ROLLBACK")()
}
