import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// Hummingbird as Playhead uses it: with limits of time, size and number, and no answer to "which server is this".
public enum HTTPServer {
    /// - Parameters:
    ///   - port: with its setting; 0 takes a free one, the log says which.
    ///   - purpose: for the log.
    ///   - onListening: called once requests are taken.
    public static func application<Context: RequestContext>(
        router: Router<Context>, host: String, port: (setting: Setting, value: Int), purpose: String,
        limits: ConnectionLimits = ConnectionLimits(),
        onListening: @escaping @Sendable () -> Void = {}, logger: Logger
    ) -> HTTPService<Context> where Context: InitializableFromSource<ApplicationRequestContextSource> {
        // Hummingbird announces its listening address itself, without saying what for.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let application = Application(
            router: router,
            server: HTTPServerBuilder { responder in
                EventLoopChannel(
                    base: HTTP1Channel(
                        responder: responder,
                        configuration: .init(
                            additionalChannelHandlers: [ClientDeadline(limit: limits.body)], idleTimeout: limits.idle,
                            httpDecoderConfiguration: .init(
                                maxHeaderFieldSize: ConnectionLimits.headBytes, maxHeaderListSize: ConnectionLimits.headBytes,
                                maxHeaderFieldCount: ConnectionLimits.headFields))))
            },
            configuration: .init(
                address: .hostname(host, port: port.value), backlog: 1024,
                availableConnectionsDelegate: limits.connections.map(MaximumAvailableConnections.init)),
            onServerRunning: { channel in
                logger.info(
                    "listening", metadata: ["for": "\(purpose)", "host": "\(host)", "port": "\(channel.localAddress?.port ?? port.value)"])
                onListening()
            },
            logger: quiet)
        return HTTPService(application: application, port: port)
    }
}
