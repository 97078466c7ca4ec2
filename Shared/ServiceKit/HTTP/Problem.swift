import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// An error answer as RFC 9457 `application/problem+json`.
public struct Problem: Error, HTTPResponseError, Sendable {
    public var status: HTTPResponse.Status
    /// The last part of the type URI: what went wrong, for programs.
    public var type: String
    /// What went wrong, for people: names the field and the limit.
    public var detail: String
    public var headers: HTTPFields
    /// Further members of the body, as encoded JSON by name.
    public var members: [String: Data]

    public init(
        _ status: HTTPResponse.Status, type: String, detail: String, headers: HTTPFields = [:], members: [String: Data] = [:]
    ) {
        self.status = status
        self.type = type
        self.detail = detail
        self.headers = headers
        self.members = members
    }

    /// Problem types are URNs: they name a kind of problem, docs/http-api.md lists them.
    public static func uri(_ type: String) -> String {
        "urn:playhead:problem:\(type)"
    }

    public func response(from _: Request, context _: some RequestContext) throws -> Response {
        response()
    }

    public func response() -> Response {
        var headers = headers
        headers[.contentType] = Self.mediaType
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }

    static let mediaType = "application/problem+json"

    var body: Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        var parts: [(String, Data)] = []
        for (name, value) in [("type", Self.uri(type)), ("title", status.reasonPhrase), ("detail", detail)] {
            // A string always encodes.
            if let encoded = try? encoder.encode(value) { parts.append((name, encoded)) }
        }
        parts.append(("status", Data(String(status.code).utf8)))
        parts += members.sorted { $0.key < $1.key }
        var body = Data("{".utf8)
        for (index, (name, value)) in parts.enumerated() {
            body += Data((index == 0 ? "" : ",").utf8) + Data("\"\(name)\":".utf8) + value
        }
        return body + Data("}\n".utf8)
    }
}
