import HTTPTypes
import Hummingbird
import Logging

/// The id that a request's log lines and its answer carry: the caller's where there is one, else the one that Hummingbird made.
enum RequestID {
    // Valid field names, so never nil.
    static let field = HTTPField.Name("X-Request-ID")!
    private static let traceparent = HTTPField.Name("traceparent")!

    /// Puts the caller's id and `traceparent` (W3C Trace Context), as it came, into the context's log lines.
    /// - Returns: the id.
    static func note(_ request: Request, in context: inout some RequestContext) -> String {
        if let trace = request.headers[traceparent], isSafe(trace) { context.logger[metadataKey: "traceparent"] = "\(trace)" }
        guard let id = request.headers[field], isSafe(id) else { return context.id }
        // The key under which Hummingbird keeps the id it made.
        context.logger[metadataKey: "hb.request.id"] = "\(id)"
        return id
    }

    /// Short, and nothing that could forge a line of the log.
    private static func isSafe(_ value: String) -> Bool {
        (1...128).contains(value.utf8.count) && value.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }
}
