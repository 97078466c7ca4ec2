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

    /// What comes is given as it came, so that it can be told what was compressed.
    static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration.singletonConfiguration
        configuration.decompression = .disabled
        // Else requests wait for each other here.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 128
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    static func get(_ url: String, headers: [(String, String)] = []) async throws -> Answer {
        try await send("GET", url, body: nil, headers: headers)
    }

    /// Reads an answer of any length, and keeps none of it.
    static func count(_ byte: Character, in url: String) async throws -> (count: Int, bytes: Int) {
        let response = try await client.execute(HTTPClientRequest(url: url), timeout: .seconds(60))
        var found = (count: 0, bytes: 0)
        for try await part in response.body {
            found.count += part.readableBytesView.count { $0 == byte.asciiValue }
            found.bytes += part.readableBytes
        }
        return found
    }

    static func post(
        _ url: String, _ body: Data, contentType: String = "application/json", headers: [(String, String)] = []
    ) async throws -> Answer {
        try await send("POST", url, body: body, headers: [("content-type", contentType)] + headers)
    }

    static func send(
        _ method: String, _ url: String, body: Data? = nil, headers: [(String, String)] = []
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url)
        request.method = HTTPMethod(rawValue: method)
        request.headers = HTTPHeaders(headers)
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await client.execute(request, timeout: .seconds(20))
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
