import Hummingbird
import Tokens

/// What a handler knows of a request beside the request itself.
public struct APIContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    /// What the request may do. Nothing, until its token was looked at.
    public internal(set) var grant = Grant(member: nil, scopes: [], expiresAt: nil)

    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
    }
}
