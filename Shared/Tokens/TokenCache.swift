/// Tokens whose signature was verified, as most requests come with one that was seen a moment ago. Two generations, as in a cache of rows.
struct TokenCache {
    private static let generation = 4096

    private var young: [String: AccessToken] = [:]
    private var old: [String: AccessToken] = [:]

    subscript(token: String) -> AccessToken? {
        mutating get {
            if let claims = young[token] { return claims }
            guard let claims = old.removeValue(forKey: token) else { return nil }
            self[token] = claims
            return claims
        }
        set {
            if young.count >= Self.generation {
                old = young
                young = [:]
            }
            young[token] = newValue
        }
    }
}
