import BlockingClient
import CHiredis
import Foundation
import Logging

/// One connection to Redis, with a thread of its own for hiredis' blocking calls.
///
/// It connects when it is first used, and again after a failure or where the server has closed it while it was idle, no sooner than
/// ``ReconnectGate`` allows. Every error of the connection itself leaves the outcome of the commands under way unknown: send only what may be
/// repeated.
public actor RedisConnection {
    private let executor: ThreadExecutor
    private let configuration: RedisConfiguration
    private let name: String
    private let logger: Logger
    private let checks: [ConnectionCheck]
    private var link: Link?
    private var gate: ReconnectGate

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Owns hiredis' context; only the actor touches it, and it is freed with the actor at the latest.
    private final class Link {
        let context: OpaquePointer
        init(context: OpaquePointer) { self.context = context }
        deinit { playhead_redis_free(context) }
    }

    /// - Parameters:
    ///   - name: shown by `CLIENT LIST` and by debuggers.
    ///   - checks: of the server, each time it is connected to. What they object to is thrown instead of sending anything.
    ///   - backoff: between attempts to connect, for an owner that does not wait by itself.
    public init(
        _ configuration: RedisConfiguration, name: String, checks: [ConnectionCheck] = [], backoff: Backoff = Backoff(), logger: Logger
    ) {
        self.checks = checks
        gate = ReconnectGate(backoff: backoff)
        self.configuration = configuration
        self.name = name
        self.logger = logger
        executor = ThreadExecutor(name: name)
    }

    deinit { executor.stop() }

    /// Sends one command.
    /// - Parameter blockingFor: how long the command itself may wait at the server, for blocking reads.
    /// - Throws: ``RedisError``; an error reply is thrown too.
    public func send(_ command: RedisCommand, blockingFor: Duration = .zero) throws(RedisError) -> RedisReply {
        let reply = try send([command], blockingFor: blockingFor)[0]
        if let error = reply.error { throw error }
        return reply
    }

    /// Sends commands in one write and reads their replies; error replies stand among them.
    /// - Throws: ``RedisError`` of kind `connection` or `backingOff`.
    public func send(_ commands: [RedisCommand], blockingFor: Duration = .zero) throws(RedisError) -> [RedisReply] {
        let link = try connected()
        do {
            if blockingFor > .zero { try setTimeout(configuration.commandTimeout + blockingFor, on: link) }
            let replies = try exchange(commands, on: link)
            if blockingFor > .zero { try setTimeout(configuration.commandTimeout, on: link) }
            return replies
        } catch {
            self.link = nil
            report(error)
            throw error
        }
    }

    /// Runs work on this connection's thread, after what came before it, and makes no task for it.
    nonisolated func perform(_ work: @escaping @Sendable (isolated RedisConnection) -> Void) {
        executor.perform { self.assumeIsolated(work) }
    }

    /// Leaves the server. The next command connects again.
    public func close() {
        link = nil
    }

    private func connected() throws(RedisError) -> Link {
        // A server that was away meanwhile has closed it: nothing is sent yet, so that need not be an error.
        if let link, playhead_redis_was_closed(link.context) != 0 {
            logger.info("Redis has closed an idle connection", metadata: ["connection": "\(name)"])
            self.link = nil
        }
        if let link { return link }
        guard gate.isOpen() else { throw RedisError(.backingOff, "no connection to \(configuration.host):\(configuration.port)") }
        do {
            let link = try connect()
            self.link = link
            if gate.succeeded() { logger.notice("connected to Redis again", metadata: ["connection": "\(name)"]) }
            return link
        } catch {
            report(error)
            throw error
        }
    }

    private func connect() throws(RedisError) -> Link {
        guard let context = playhead_redis_connect(configuration.host, Int32(configuration.port), configuration.connectTimeout.milliseconds)
        else { throw RedisError(.connection, "out of memory") }
        let link = Link(context: context)
        if let message = playhead_redis_error(context) {
            throw RedisError(.connection, "\(configuration.host):\(configuration.port): \(String(cString: message))")
        }
        try setTimeout(configuration.commandTimeout, on: link)
        var greeting = [RedisCommand("CLIENT", "SETNAME", RedisArgument(name))]
        if let password = configuration.password {
            let user: [RedisArgument] = configuration.user.map { [RedisArgument($0)] } ?? []
            greeting.insert(RedisCommand(["AUTH"] + user + [RedisArgument(password)]), at: 0)
        }
        if configuration.database != 0 { greeting.append(RedisCommand("SELECT", RedisArgument(configuration.database))) }
        for reply in try exchange(greeting, on: link) { if let error = reply.error { throw error } }
        for check in checks { try check.verify(exchange(check.commands, on: link)) }
        return link
    }

    private func exchange(_ commands: [RedisCommand], on link: Link) throws(RedisError) -> [RedisReply] {
        for command in commands {
            let status = command.encoded.withUnsafeBytes { bytes in
                playhead_redis_append(link.context, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
            }
            guard status == 0 else { throw failure(of: link) }
        }
        var replies: [RedisReply] = []
        replies.reserveCapacity(commands.count)
        for _ in commands {
            guard let reply = playhead_redis_read(link.context) else { throw failure(of: link) }
            replies.append(RedisReply(owning: reply))
        }
        return replies
    }

    private func setTimeout(_ timeout: Duration, on link: Link) throws(RedisError) {
        guard playhead_redis_set_timeout(link.context, timeout.milliseconds) == 0 else { throw failure(of: link) }
    }

    private func failure(of link: Link) -> RedisError {
        guard let text = playhead_redis_error(link.context).map({ String(cString: $0) }) else {
            return RedisError(.connection, "unknown failure")
        }
        // A socket's time is over: the system's words for that say something else.
        return RedisError(.connection, text == String(cString: strerror(EAGAIN)) ? "no answer in time" : text)
    }

    private func report(_ error: RedisError) {
        if gate.failed() {
            logger.warning("lost Redis, reconnecting with backoff", metadata: ["connection": "\(name)", "error": "\(error)"])
        }
    }
}

extension Duration {
    /// Whole milliseconds, at least 1 for anything above zero.
    var milliseconds: Int32 {
        let (seconds, attoseconds) = components
        return Int32(clamping: seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
