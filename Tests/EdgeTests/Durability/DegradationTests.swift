import Batching
import EventStream
import Spool
import Testing

@testable import Edge

@Suite("The steps of degradation") struct DegradationTests {
    private static func usage(bytes: Int, corrupt: Int = 0, failure: String? = nil) -> SpoolUsage {
        var usage = SpoolUsage(limitBytes: 10 << 20)
        usage.bytes = bytes << 20
        usage.corruptSegments = corrupt
        usage.failure = failure
        return usage
    }

    @Test("follow from the gate and the spool")
    func steps() {
        #expect(DegradationStep(isTaking: true, usage: nil) == .stream)
        #expect(DegradationStep(isTaking: true, usage: Self.usage(bytes: 10)) == .stream)
        #expect(DegradationStep(isTaking: false, usage: nil) == .refusing)
        #expect(DegradationStep(isTaking: false, usage: Self.usage(bytes: 0)) == .spool)
        #expect(DegradationStep(isTaking: false, usage: Self.usage(bytes: 8)) == .essentials)
        #expect(DegradationStep(isTaking: false, usage: Self.usage(bytes: 10)) == .refusing)
        #expect(DegradationStep(isTaking: false, usage: Self.usage(bytes: 0, failure: "no space")) == .refusing)
        #expect([DegradationStep.stream, .spool, .essentials, .refusing].map(\.rawValue) == [0, 1, 2, 3])
    }

    @Test("are named to operators")
    func troubles() {
        #expect(EdgeCondition.trouble(of: Self.usage(bytes: 0), isTaking: false) == nil)
        #expect(EdgeCondition.trouble(of: Self.usage(bytes: 8), isTaking: true) == "more than 80 % of 10 MiB are used")
        #expect(EdgeCondition.trouble(of: Self.usage(bytes: 0, failure: "no space"), isTaking: true) == nil)
        #expect(
            EdgeCondition.trouble(of: Self.usage(bytes: 10, corrupt: 2, failure: "no space"), isTaking: false)
                == "no space; its 10 MiB are used; 2 damaged segments were set aside, see docs/spool.md")
    }

    @Test("only trouble of Redis itself opens the gate")
    func errors() {
        let refusal = RedisError(.server(code: "WRONGTYPE"), "WRONGTYPE")
        #expect(DurableLog.isRefusal(refusal) && !DurableLog.isTroubleOfRedis(refusal))
        for error in [CommitFailure.full(waitingBytes: 1), .turnedAway] { #expect(!DurableLog.isTroubleOfRedis(error)) }
        let troubles: [any Error] = [
            RedisError(.connection, ""), RedisError(.backingOff, ""), RedisError(.notDurable, ""), RedisError(.configuration, ""),
            RedisError(.unexpectedReply, ""), RedisError(.server(code: "OOM"), ""), RedisError(.server(code: "READONLY"), ""),
            RedisError(.server(code: "NOPERM"), ""), RedisError(.server(code: "ERR"), ""), RedisError(.server(code: "LOADING"), ""),
            RedisError(.server(code: "MASTERDOWN"), ""), CommitFailure.overdue,
        ]
        for error in troubles { #expect(!DurableLog.isRefusal(error) && DurableLog.isTroubleOfRedis(error), "\(error)") }
    }
}
