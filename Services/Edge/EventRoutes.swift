import CoreMetrics
import Foundation
import HTTPTypes
import Hummingbird
import Metrics
import NIOCore
import PublicAPI
import ServiceKit
import Tokens

/// `POST /v1/events`
struct EventRoutes: Sendable {
    private let intake: EventIntake
    private let bodyMemory: BodyMemory
    private let refusedBodies = Counter(label: "playhead_edge_refused_bodies_total")
    private let acceptSeconds = Metrics.Timer(label: "playhead_edge_request_seconds")

    init(intake: EventIntake, bodyMemory: BodyMemory) {
        self.intake = intake
        self.bodyMemory = bodyMemory
    }

    func add(to routes: inout APIRoutes) {
        routes.on(.post, "/v1/events") { request, context in
            let began = ContinuousClock.now
            defer { acceptSeconds.recordNanoseconds(Int64((ContinuousClock.now - began) / .nanoseconds(1))) }
            return try await post(request, grant: context.grant)
        }
    }

    private func post(_ request: Request, grant: Grant) async throws -> Response {
        if let encoding = request.headers[.contentEncoding], encoding.lowercased() != "identity" { throw Self.encoded }
        var share = BodyMemory.Share(of: bodyMemory)
        var body = ByteBuffer()
        for try await var part in request.body {
            guard body.readableBytes + part.readableBytes <= EventRequest.maximalBytes else { throw Self.tooLarge }
            guard share.grow(by: part.readableBytes) else {
                refusedBodies.increment()
                throw Self.tooMuch
            }
            body.writeBuffer(&part)
        }
        let arrivedAt = ContinuousClock.now
        let receipt = try await intake.take(
            EventRequest(body: body.readableBytesView, contentType: request.headers[.contentType]), grant: grant,
            arrivedAt: arrivedAt)
        return Response(
            status: receipt.isInDatabase ? .ok : .accepted, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: try Self.json(receipt)))
    }

    private static let tooLarge = Problem(
        .contentTooLarge, type: "too-large", detail: "The body must not be larger than 1 MiB: send the events in several requests.")
    private static let encoded = Problem(
        .unsupportedMediaType, type: "unsupported-media-type",
        detail: "A compressed body is not understood: send it without Content-Encoding.")
    private static let tooMuch = Problem(
        .serviceUnavailable, type: "too-much-at-once",
        detail: "Too many large bodies arrive at the same time: send the request again later, or its events in several requests.",
        headers: [.retryAfter: "1"])

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
