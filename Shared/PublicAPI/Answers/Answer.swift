import Crypto
import HTTPTypes
import Hummingbird
import NIOCore

/// Answers to GETs, as every one of the API is given.
public enum Answer {
    /// Smaller ones gain nothing by compression.
    private static let leastCompressedBytes = 2048

    /// An answer that is known whole, with an entity tag; 304 where the client has it already (RFC 9110 section 13.1.2).
    /// - Parameter headers: `Content-Type` among them.
    public static func whole(_ body: ByteBuffer, to request: Request, headers: HTTPFields) -> Response {
        var headers = headers
        if headers[.cacheControl] == nil { headers[.cacheControl] = "private, no-cache" }
        headers[.vary] = "Accept-Encoding"
        let tag = entityTag(of: body)
        headers[.eTag] = tag
        if let known = request.headers[.ifNoneMatch], matches(known, tag) {
            headers[.contentType] = nil
            return Response(status: .notModified, headers: headers)
        }
        guard body.readableBytes >= leastCompressedBytes, Gzip.isAccepted(by: request.headers) else {
            return Response(status: .ok, headers: headers, body: .init(byteBuffer: body))
        }
        headers[.contentEncoding] = "gzip"
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: Gzip().compress(body, isLast: true)))
    }

    /// JSON.
    public static func json(_ body: [UInt8], to request: Request, headers: HTTPFields = [:]) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        return whole(ByteBuffer(bytes: body), to: request, headers: headers)
    }

    /// An answer of any length that is written piece by piece; memory does not grow with it.
    /// - Parameters:
    ///   - first: the first piece.
    ///   - headers: `Content-Type` among them.
    ///   - next: the next piece; nil at the end. What it throws breaks the answer off, which the client notices.
    public static func streamed(
        _ first: ByteBuffer, to request: Request, headers: HTTPFields, next: @escaping @Sendable () async throws -> ByteBuffer?
    ) -> Response {
        var headers = headers
        headers[.cacheControl] = "private, no-store"
        headers[.vary] = "Accept-Encoding"
        let compresses = Gzip.isAccepted(by: request.headers)
        if compresses { headers[.contentEncoding] = "gzip" }
        let body = ResponseBody { writer in
            let gzip = compresses ? Gzip() : nil
            var piece: ByteBuffer? = first
            while let part = piece {
                let sent = gzip.map { $0.compress(part, isLast: false) } ?? part
                if sent.readableBytes > 0 { try await writer.write(sent) }
                piece = try await next()
            }
            if let gzip { try await writer.write(gzip.compress(ByteBuffer(), isLast: true)) }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    /// Weak, as the same answer may be sent compressed or not.
    private static func entityTag(of body: ByteBuffer) -> String {
        let digest = body.withUnsafeReadableBytes { SHA256.hash(data: $0) }
        var tag = "W/\""
        for byte in digest.prefix(12) {
            tag.append(hexDigits[Int(byte >> 4)])
            tag.append(hexDigits[Int(byte & 15)])
        }
        return tag + "\""
    }

    private static let hexDigits = Array("0123456789abcdef")

    private static func matches(_ known: String, _ tag: String) -> Bool {
        // Weak comparison: RFC 9110 section 8.8.3.2.
        known.split(separator: ",").contains { candidate in
            let candidate = candidate.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
            return candidate == "*" || candidate == tag || "W/\(candidate)" == tag
        }
    }
}
