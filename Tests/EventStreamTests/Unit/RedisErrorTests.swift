import BlockingClient
import Testing

@testable import EventStream

@Suite("What may be done about an error of Redis")
struct RedisErrorTests {
    @Test(
        "the server says: not now",
        arguments: [
            "OOM command not allowed when used memory > 'maxmemory'.", "MISCONF Redis is configured to save RDB snapshots",
            "NOREPLICAS Not enough",
            "READONLY You can't write against a read only replica.", "LOADING Redis is loading the dataset in memory",
            "MASTERDOWN Link with MASTER",
            "CLUSTERDOWN The cluster is down", "TRYAGAIN Multiple keys request", "UNBLOCKED the stream key no longer exists",
            "BUSY Redis is busy running a script.", "NOGROUP No such key 'playhead:{00}:events' or consumer group 'history'",
        ])
    func transient(reply: String) {
        #expect(RedisError(reply: reply).failureClass == .retryable)
    }

    @Test(
        "a person is needed",
        arguments: [
            "ERR unknown command 'XAD'", "WRONGTYPE Operation against a key", "NOAUTH Authentication required.",
            "WRONGPASS invalid username-password pair",
            "NOPERM this user has no permissions", "BUSYGROUP Consumer Group name already exists", "oom in lower case", "OOMX", "",
        ])
    func fatal(reply: String) {
        #expect(RedisError(reply: reply).failureClass == .fatal)
    }

    @Test("the way to the server is in trouble", arguments: [RedisError.Kind.connection, .backingOff])
    func unreachable(kind: RedisError.Kind) {
        #expect(RedisError(kind, "x").failureClass == .retryable)
    }

    @Test("the program or its configuration is wrong", arguments: [RedisError.Kind.unexpectedReply, .configuration])
    func wrong(kind: RedisError.Kind) {
        #expect(RedisError(kind, "x").failureClass == .fatal)
    }

    @Test("the code is the first word, the message all of it")
    func code() {
        let error = RedisError(reply: "WRONGTYPE Operation against a key holding the wrong kind of value")
        #expect(error.kind == .server(code: "WRONGTYPE"))
        #expect(error.message == "WRONGTYPE Operation against a key holding the wrong kind of value")
        #expect("\(error)" == "redis: WRONGTYPE Operation against a key holding the wrong kind of value")
        #expect(RedisError(reply: "LOADING").kind == .server(code: "LOADING"))
    }
}
