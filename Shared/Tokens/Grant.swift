import Models

/// What a request may do: what its token says, once it is verified.
public struct Grant: Sendable, Hashable {
    /// Whose history it may read and write; nil for a token that names no member.
    public let member: OpaqueID?
    public let scopes: Set<TokenScope>
    /// From then on it grants nothing; nil: never.
    public let expiresAt: Timestamp?
    /// The `kid` of the key that vouches for it; nil where nothing authenticates requests.
    public let key: String?

    public init(member: OpaqueID?, scopes: Set<TokenScope>, expiresAt: Timestamp?, key: String? = nil) {
        self.member = member
        self.scopes = scopes
        self.expiresAt = expiresAt
        self.key = key
    }

    /// What everybody may do where nothing authenticates requests.
    public static let everything = Grant(member: nil, scopes: Set(TokenScope.allCases), expiresAt: nil)

    public func mayReportEvents(of member: OpaqueID) -> Bool {
        self.member == member || scopes.contains(.writeAnyEvents)
    }

    public func mayReadHistory(of member: OpaqueID) -> Bool {
        self.member == member || scopes.contains(.readAnyHistory)
    }

    public func mayWriteHistory(of member: OpaqueID) -> Bool {
        self.member == member || scopes.contains(.writeAnyHistory)
    }

    public var mayOperate: Bool { scopes.contains(.operations) }
}
