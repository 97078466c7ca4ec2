import Foundation
import HTTPTypes
import Hummingbird
import Metrics
import NIOCore
import ServiceKit

/// `POST /v1/events`
struct EventRoutes: Sendable {
    private let intake: EventIntake
    private let acceptSeconds = Metrics.Timer(label: "playhead_edge_request_seconds")

    init(intake: EventIntake) {
        self.intake = intake
    }

    func add(to router: Router<BasicRequestContext>) {
        router.post("/v1/events") { request, _ in
            let began = ContinuousClock.now
            defer { acceptSeconds.recordNanoseconds(Int64((ContinuousClock.now - began) / .nanoseconds(1))) }
            return try await post(request)
        }
    }

    private func post(_ request: Request) async throws -> Response {
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: EventRequest.maximalBytes)
        } catch is NIOTooManyBytesError {
            throw Problem(
                .contentTooLarge, type: "too-large", detail: "The body must not be larger than 1 MiB: send the events in several requests.")
        }
        let arrivedAt = ContinuousClock.now
        let receipt = try await intake.take(
            EventRequest(body: body.readableBytesView, contentType: request.headers[.contentType]), arrivedAt: arrivedAt)
        return Response(
            status: .accepted, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: try Self.json(receipt)))
    }

    static func json(_ receipt: EventIntake.Receipt) throws -> ByteBuffer {
        // Nearly every answer. An encoder costs more than reading the event did.
        if receipt.rejected.isEmpty {
            return ByteBuffer(string: #"{"accepted":\#(receipt.accepted),"durability":"\#(receipt.durability)","rejected":[]}"#)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return ByteBuffer(bytes: try encoder.encode(receipt))
    }
}
