import HTTPTypes
import JSONBytes
import Models
import Synchronization
import Testing

@testable import Operator

@Suite("The sender of events", .timeLimit(.minutes(1)))
struct EventSenderTests {
    private static func request(_ count: Int) -> OutgoingRequest {
        var request = OutgoingRequest()
        for number in 0..<count { request.append { $0.append(decimal: Int64(number)) } }
        return request
    }

    private static func accepted(_ count: Int, _ rejected: String = "") -> StubEdge.Answer {
        StubEdge.Answer(status: .accepted, body: #"{"accepted":\#(count),"rejected":[\#(rejected)],"durability":"stream"}"#)
    }

    private static func rejection(_ index: Int, retryable: Bool) -> String {
        #"{"index":\#(index),"detail":"no","retryable":\#(retryable)}"#
    }

    /// Sends three events.
    private static func send(
        patience: Duration? = nil, to answer: @escaping @Sendable (Int, String) throws -> StubEdge.Answer
    ) async throws -> (refused: [EventSender.Rejection], attempts: [EventSender.Attempt]) {
        try await StubEdge.serve(answer) { url in
            let attempts = Mutex<[EventSender.Attempt]>([])
            let sender = try EventSender(edge: url, patience: patience) { attempt in attempts.withLock { $0.append(attempt) } }
            let refused = try await sender.send(request(3))
            return (refused, attempts.withLock { $0 })
        }
    }

    @Test("is done with one answer that accepts everything", arguments: [HTTPResponse.Status.accepted, .ok])
    func success(status: HTTPResponse.Status) async throws {
        let (refused, attempts) = try await Self.send { _, body in
            #expect(body == "[0,1,2]")
            return StubEdge.Answer(status: status, body: Self.accepted(3).body)
        }
        #expect(refused.isEmpty && attempts.count == 1)
    }

    @Test(
        "sends everything again after 503 and 429, not before the server wants it",
        arguments: [HTTPResponse.Status.serviceUnavailable, .tooManyRequests])
    func unavailable(status: HTTPResponse.Status) async throws {
        let began = ContinuousClock.now
        let (refused, attempts) = try await Self.send { number, body in
            #expect(body == "[0,1,2]")
            return number == 0 ? StubEdge.Answer(status: status, body: "{}", retryAfter: "1") : Self.accepted(3)
        }
        #expect(refused.isEmpty && attempts.count == 2 && .now - began > .seconds(1))
        #expect("\(attempts[0])".hasPrefix("failed(reason: \"\(status.code)"))
    }

    @Test("sends again what may be taken later, and nothing else; and tells the places of what is refused for good")
    func partly() async throws {
        let (refused, _) = try await Self.send { number, body in
            switch number {
            case 0: return Self.accepted(1, Self.rejection(1, retryable: true) + "," + Self.rejection(2, retryable: true))
            case 1:
                #expect(body == "[1,2]")
                return Self.accepted(0, Self.rejection(0, retryable: true) + "," + Self.rejection(1, retryable: false))
            default:
                #expect(body == "[1]")
                return Self.accepted(1)
            }
        }
        #expect(refused.map(\.index) == [2])
    }

    @Test("reports what is refused for good")
    func refused() async throws {
        let (refused, _) = try await Self.send { _, _ in
            StubEdge.Answer(
                status: .unprocessableContent,
                body: #"{"detail":"none","rejected":[\#((0..<3).map { Self.rejection($0, retryable: false) }.joined(separator: ","))]}"#)
        }
        #expect(refused.map(\.index) == [0, 1, 2])
    }

    @Test(
        "stops at an answer that is none of the contract's",
        arguments: [
            StubEdge.Answer(status: .internalServerError, body: #"{"detail":"what"}"#), StubEdge.Answer(status: .badRequest), accepted(2),
            accepted(4),
            accepted(2, rejection(3, retryable: false)), accepted(1, rejection(1, retryable: false) + "," + rejection(1, retryable: false)),
            StubEdge.Answer(status: .accepted, body: "garbage"), StubEdge.Answer(status: .unprocessableContent, body: "{}"),
        ])
    func unexpected(answer: StubEdge.Answer) async {
        await #expect(throws: SendError.self) { try await Self.send { _, _ in answer } }
    }

    @Test("gives up when its patience is at its end, and says why")
    func patience() async {
        await #expect {
            try await Self.send(patience: .milliseconds(300)) { _, _ in
                StubEdge.Answer(status: .serviceUnavailable, body: #"{"detail":"full"}"#)
            }
        } throws: {
            "\($0)".contains("took no events for 0.3 seconds: 503: full")
        }
    }

    @Test("ends when it is called off, though its patience has no end")
    func cancellation() async throws {
        let (attempts, attempted) = AsyncStream.makeStream(of: Void.self)
        let sending = Task {
            try await EventSender(edge: "http://127.0.0.1:1", patience: nil, onAttempt: { _ in attempted.yield() }).send(Self.request(3))
        }
        _ = await attempts.first { true }
        sending.cancel()
        await #expect(throws: SendError.self) { try await sending.value }
    }
}
