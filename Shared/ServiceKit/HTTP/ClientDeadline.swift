import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Ends a connection whose client does not do its part in time: send the body of a request (408, unless an answer has begun), or read what it
/// is answered.
///
/// An idle timeout would not do: it restarts with every byte, and a client may send one a second; and it does not run while an answer waits to
/// be written.
final class ClientDeadline: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limit: TimeAmount
    private var isReadingBody = false
    private var requests = 0
    /// That were begun. One that refuses a body comes before its end; those of pipelined requests come in their order.
    private var answers = 0
    private var isAnswering = false
    private var bodyDeadline: Scheduled<Void>?
    private var answerDeadline: Scheduled<Void>?

    /// - Parameter limit: from a request's head to its end, and from an answer that fills all buffers to room in them.
    init(limit: TimeAmount) {
        self.limit = limit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            isReadingBody = true
            requests += 1
        case .body: break
        case .end:
            isReadingBody = false
            bodyDeadline?.cancel()
            bodyDeadline = nil
        }
        context.fireChannelRead(data)
    }

    /// Most requests arrive whole: these cost no timer.
    func channelReadComplete(context: ChannelHandlerContext) {
        if isReadingBody, bodyDeadline == nil {
            bodyDeadline = context.eventLoop.assumeIsolated().scheduleTask(in: limit) { [self] in end(context) }
        }
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head:
            answers += 1
            isAnswering = true
        case .body: break
        case .end: isAnswering = false
        }
        context.write(data, promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        answerDeadline?.cancel()
        answerDeadline =
            context.channel.isWritable
            ? nil : context.eventLoop.assumeIsolated().scheduleTask(in: limit) { context.close(promise: nil) }
        context.fireChannelWritabilityChanged()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        bodyDeadline?.cancel()
        answerDeadline?.cancel()
    }

    private func end(_ context: ChannelHandlerContext) {
        bodyDeadline = nil
        guard isReadingBody, context.channel.isActive else { return }
        if !isAnswering, answers == requests - 1 {
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
}
