import HTTPTypes
import Hummingbird
import Logging

/// Gives every request an id that its log lines and its answer carry, and takes the caller's where there is one.
///
/// `traceparent` (W3C Trace Context) goes into the log lines as it came.
public struct RequestIDMiddleware<Context: RequestContext>: RouterMiddleware {
    // Valid field names, so never nil.
    private static var requestID: HTTPField.Name { HTTPField.Name("X-Request-ID")! }
    private static var traceparent: HTTPField.Name { HTTPField.Name("traceparent")! }

    public init() {}

    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let id = request.headers[Self.requestID].flatMap { Self.isSafe($0) ? $0 : nil } ?? context.id
        var context = context
        // The key under which Hummingbird keeps the id it made.
        context.logger[metadataKey: "hb.request.id"] = "\(id)"
        if let trace = request.headers[Self.traceparent], Self.isSafe(trace) {
            context.logger[metadataKey: "traceparent"] = "\(trace)"
        }
        var response = try await next(request, context)
        response.headers[Self.requestID] = id
        return response
    }

    /// Short, and nothing that could forge a line of the log.
    private static func isSafe(_ value: String) -> Bool {
        (1...128).contains(value.utf8.count) && value.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }
}
