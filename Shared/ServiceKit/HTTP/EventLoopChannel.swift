import HummingbirdCore
import Logging
import NIOCore

/// A connection whose requests are handled on its own event loop.
///
/// A request would else go from the loop to the pool of threads and back, which costs more than all that Playhead's handlers do
/// with it: they hold no thread, as whatever blocks has a thread of its own (`ThreadExecutor`).
struct EventLoopChannel: ServerChildChannel {
    let base: HTTP1Channel

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        base.setup(channel: channel, logger: logger)
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await withTaskExecutorPreference(EventLoopExecutor(value.channel.eventLoop)) {
            await base.handle(value: value, logger: logger)
        }
    }
}
