import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Ends a connection whose request body is not there in time: 408, unless an answer has begun, and close.
///
/// An idle timeout would not do: it restarts with every byte, and a client may send one a second.
final class BodyDeadline: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limit: TimeAmount
    private var isReadingBody = false
    private var isAnswering = false
    private var deadline: Scheduled<Void>?

    /// - Parameter limit: from a request's head to its end.
    init(limit: TimeAmount) {
        self.limit = limit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: isReadingBody = true
        case .body: break
        case .end:
            isReadingBody = false
            cancel()
        }
        context.fireChannelRead(data)
    }

    /// Most requests arrive whole: these cost no timer.
    func channelReadComplete(context: ChannelHandlerContext) {
        if isReadingBody, deadline == nil {
            deadline = context.eventLoop.assumeIsolated().scheduleTask(in: limit) { [self] in end(context) }
        }
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head: isAnswering = true
        case .body: break
        case .end: isAnswering = false
        }
        context.write(data, promise: promise)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        cancel()
    }

    private func end(_ context: ChannelHandlerContext) {
        deadline = nil
        guard isReadingBody, context.channel.isActive else { return }
        if !isAnswering {
            let problem = Problem(
                .requestTimeout, type: "request-timeout",
                detail: "The body did not arrive within \(limit.nanoseconds / 1_000_000) ms: send the request again.")
            let body = ByteBuffer(bytes: problem.body)
            let fields: HTTPFields = [
                .contentType: Problem.mediaType, .contentLength: "\(body.readableBytes)", .connection: "close",
            ]
            context.write(wrapOutboundOut(.head(HTTPResponse(status: .requestTimeout, headerFields: fields))), promise: nil)
            context.write(wrapOutboundOut(.body(body)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
        context.close(promise: nil)
    }

    private func cancel() {
        deadline?.cancel()
        deadline = nil
    }
}
