import HTTPTypes

/// Which web pages of other origins may read answers (Fetch standard, "CORS protocol").
struct CrossOrigin: Sendable {
    /// Of the form `https://app.example`; `*` for all.
    private let origins: Set<String>

    /// - Parameter setting: origins separated by commas; nil for none.
    init(setting: String?) {
        origins = Set((setting ?? "").split(separator: ",").map { $0.filter { $0 != " " } })
    }

    /// Adds to an answer what lets the asking page read it.
    func allow(_ request: HTTPRequest, in response: inout HTTPFields) {
        guard !origins.isEmpty else { return }
        response[values: .vary].append("Origin")
        guard let origin = allowed(request) else { return }
        response[.accessControlAllowOrigin] = origin
        response[.accessControlExposeHeaders] = "ETag, Link, Retry-After, WWW-Authenticate, X-Request-ID"
    }

    /// Adds to the answer of a preflight what the page may send.
    func allowRequest(_ request: HTTPRequest, methods: String, in response: inout HTTPFields) {
        guard allowed(request) != nil, request.headerFields[.accessControlRequestMethod] != nil else { return }
        response[.accessControlAllowMethods] = methods
        response[.accessControlAllowHeaders] =
            "Authorization, Content-Type, If-None-Match, Last-Event-ID, X-Request-ID, traceparent"
        response[.accessControlMaxAge] = "600"
    }

    private func allowed(_ request: HTTPRequest) -> String? {
        guard let origin = request.headerFields[.origin], origins.contains("*") || origins.contains(origin) else { return nil }
        return origin
    }
}
