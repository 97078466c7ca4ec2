import Hummingbird

/// What every request of an API goes through. One middleware for all of it: each costs a connection memory for as long as it is open,
/// and a request some microseconds.
struct PublicMiddleware<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var context = context
        let id = RequestID.note(request, in: &context)
        var response: Response
        do {
            try LoopbackHost.require(in: request.head)
            response = try await next(request, context)
        } catch {
            response = Problem(error, logger: context.logger).response()
        }
        response.headers[RequestID.field] = id
        return response
    }
}
