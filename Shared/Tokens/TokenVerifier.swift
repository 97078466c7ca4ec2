import BlockingClient
import Foundation
import Logging
import Models

/// Verifies tokens by the keys of a file, which is read again when it changes.
public final class TokenVerifier: Sendable {
    /// The keys in force and the tokens that they verified, so that both change together.
    private struct State {
        var keys: KeySet
        var content: Data
        var verified = TokenCache()
    }

    private let path: String
    private let rules: TokenRules
    private let logger: Logger
    private let state: LockedValue<State>

    /// - Parameter path: of a JSON Web Key Set.
    /// - Throws: ``TokenError`` where there is none, or none with a key that can be used.
    public init(path: String, rules: TokenRules, logger: Logger) async throws(TokenError) {
        self.path = path
        self.rules = rules
        self.logger = logger
        let content = try Self.read(path)
        let keys = try await KeySet(json: content)
        guard !keys.identifiers.isEmpty else {
            throw TokenError("the set has no key that can be used (\(keys.unusable.joined(separator: "; ")))")
        }
        state = LockedValue(State(keys: keys, content: content))
        report(keys)
    }

    /// Looks at the file again. Its keys replace the former ones as a whole, also where there is none among them: then every token is refused.
    /// Where the file holds no set at all, as while it is written, the former keys stay.
    /// - Throws: ``TokenError`` that says what is wrong with the file.
    public func reread() async throws(TokenError) {
        let content = try Self.read(path)
        guard content != state.withLock({ $0.content }) else { return }
        let keys = try await KeySet(json: content)
        state.withLock { $0 = State(keys: keys, content: content) }
        report(keys)
    }

    /// - Parameter now: milliseconds since 1970.
    /// - Throws: ``TokenError``
    public func grant(for token: String, now: Timestamp) async throws(TokenError) -> Grant {
        let (keys, known) = state.withLock { ($0.keys, $0.verified[token]) }
        if let known {
            return try known.grant(at: now, rules: rules)
        }
        let verified = try await keys.verify(token)
        let grant = try verified.grant(at: now, rules: rules)
        // Not where the keys have changed meanwhile.
        state.withLock { if $0.keys === keys { $0.verified[token] = verified } }
        return grant
    }

    /// Whether a key is among those in force.
    public func isInForce(key identifier: String) -> Bool {
        state.withLock { $0.keys.identifiers.contains(identifier) }
    }

    private func report(_ keys: KeySet) {
        if keys.identifiers.isEmpty { logger.warning("no token key is in force: every token is refused") }
        logger.notice("token keys in force", metadata: ["keys": "\(keys.identifiers.sorted().joined(separator: ", "))"])
        for reason in keys.unusable { logger.warning("a key of the set is not used", metadata: ["reason": "\(reason)"]) }
    }

    private static func read(_ path: String) throws(TokenError) -> Data {
        guard let content = FileManager.default.contents(atPath: path) else { throw TokenError("cannot read \(path)") }
        return content
    }
}
