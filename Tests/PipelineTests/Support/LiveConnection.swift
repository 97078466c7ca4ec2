import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization
import TestSupport

/// A client of `history/live`.
final class LiveConnection: Sendable {
    struct Event: Sendable, Hashable {
        var id: String?
        var name: String
        var data: String
    }

    let status: UInt
    private let text = Mutex("")
    private let hasEnded = Mutex(false)
    private let reading = Mutex<Task<Void, Never>?>(nil)

    init(_ url: String, headers: [(String, String)] = []) async throws {
        var request = HTTPClientRequest(url: url)
        request.headers = HTTPHeaders(headers)
        let response = try await HTTP.client.execute(request, timeout: .seconds(60))
        status = response.status.code
        let body = response.body
        let task = Task { [self] in
            do {
                for try await part in body { text.withLock { $0 += String(buffer: part) } }
            } catch {}
            hasEnded.withLock { $0 = true }
        }
        reading.withLock { $0 = task }
    }

    func close() { reading.withLock { $0?.cancel() } }

    var isOver: Bool { hasEnded.withLock { $0 } }
    var raw: String { text.withLock { $0 } }

    /// Frames that are whole.
    var events: [Event] {
        raw.components(separatedBy: "\n\n").dropLast().compactMap { frame in
            var event = Event(id: nil, name: "", data: "")
            for line in frame.split(separator: "\n") {
                if line.hasPrefix("id: ") { event.id = String(line.dropFirst(4)) }
                if line.hasPrefix("event: ") { event.name = String(line.dropFirst(7)) }
                if line.hasPrefix("data: ") { event.data = String(line.dropFirst(6)) }
            }
            return event.name.isEmpty ? nil : event
        }
    }

    /// The place of the last frame, as a browser keeps it.
    var lastID: String? {
        raw.split(separator: "\n").last { $0.hasPrefix("id: ") }.map { String($0.dropFirst(4)) }
    }
}
