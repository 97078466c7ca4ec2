/// Why a token is not taken, for its bearer: nothing of the token itself.
public struct TokenError: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
