import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Requests as a client sends them.
enum HTTP {
    struct Answer: Sendable {
        var status: UInt
        var headers: HTTPHeaders
        var body: Data

        func header(_ name: String) -> String? { headers.first(name: name) }

        var text: String { String(decoding: body, as: UTF8.self) }

        func json<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
            try JSONDecoder().decode(type, from: body)
        }
    }

    static func get(_ url: String, headers: [(String, String)] = []) async throws -> Answer {
        try await send(.GET, url, body: nil, headers: headers)
    }

    static func post(
        _ url: String, _ body: Data, contentType: String = "application/json", headers: [(String, String)] = []
    ) async throws -> Answer {
        try await send(.POST, url, body: body, headers: [("content-type", contentType)] + headers)
    }

    private static func send(_ method: HTTPMethod, _ url: String, body: Data?, headers: [(String, String)]) async throws -> Answer {
        var request = HTTPClientRequest(url: url)
        request.method = method
        request.headers = HTTPHeaders(headers)
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
        let content = try await response.body.collect(upTo: 64 << 20)
        return Answer(status: response.status.code, headers: response.headers, body: Data(content.readableBytesView))
    }
}

/// What the edge and the query service answer, as far as tests look at it.
struct Receipt: Decodable {
    struct Rejection: Decodable {
        var index: Int
        var type: String
        var field: String?
        var detail: String
        var retryable: Bool
    }

    var accepted: Int
    var rejected: [Rejection]
    var durability: String
}

struct ProblemBody: Decodable {
    var type: String
    var title: String
    var status: Int
    var detail: String
}

struct HistoryPage: Decodable {
    struct Session: Decodable, Hashable {
        var sessionId: String
        var titleId: String
        var startedAt: String
        var lastWatchedAt: String
        var positionMs: Int64
        var watchedMs: Int64
        var completed: Bool
        var missingEvents: Int64
        var revision: Int64
        var sequenceRuns: [[Int64]]?
    }

    var items: [Session]
    var nextCursor: String?
}
