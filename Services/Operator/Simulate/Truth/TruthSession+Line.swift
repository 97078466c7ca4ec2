import Foundation
import JSONBytes
import Models

extension TruthSession {
    /// A line as JSON has it.
    private struct Fields: Decodable {
        var memberId: String
        var sessionId: String
        var titleId: String
        var runtimeMs: Int64?
        var deviceId: String?
        var deviceType: String?
        var events: [[Int64]]
        var unanswered: [Int64]?
        var dropped: [Int64]?
        var expected: SessionView?
    }

    /// Why a line is no session.
    struct LineFault: Error, Hashable {
        var reason: String
    }

    private static let tellsRuntime: Int64 = 1
    private static let tellsDevice: Int64 = 2
    private static let kindNumbers = Dictionary(uniqueKeysWithValues: kinds.enumerated().map { ($1, Int64($0)) })

    /// Writes the line with its newline.
    func write(to bytes: inout [UInt8]) throws {
        bytes.append(json: #"{"memberId":"#)
        bytes.append(quoted: memberId.text)
        bytes.append(json: #","sessionId":"#)
        bytes.append(quoted: sessionId.text)
        bytes.append(json: #","titleId":"#)
        bytes.append(quoted: titleId.text)
        if let runtimeMs {
            bytes.append(json: #","runtimeMs":"#)
            bytes.append(decimal: runtimeMs)
        }
        if let deviceId {
            bytes.append(json: #","deviceId":"#)
            bytes.append(quoted: deviceId)
        }
        if let deviceType {
            bytes.append(json: #","deviceType":"#)
            bytes.append(quoted: deviceType)
        }
        bytes.append(json: #","events":"#)
        bytes.append(list: events) { $0.append(numbers: Self.numbers(of: $1)) }
        if !unanswered.isEmpty {
            bytes.append(json: #","unanswered":"#)
            bytes.append(numbers: unanswered)
        }
        if !dropped.isEmpty {
            bytes.append(json: #","dropped":"#)
            bytes.append(numbers: dropped)
        }
        if let expected {
            bytes.append(json: #","expected":"#)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            bytes.append(contentsOf: try encoder.encode(expected))
        }
        bytes.append(json: "}\n")
    }

    /// - Parameter line: without its newline.
    /// - Throws: ``LineFault``
    init(line: Data) throws(LineFault) {
        let fields: Fields
        do {
            fields = try JSONDecoder().decode(Fields.self, from: line)
        } catch let DecodingError.keyNotFound(key, _) {
            throw LineFault(reason: "\(key.stringValue) is missing")
        } catch let DecodingError.typeMismatch(_, context) where !context.codingPath.isEmpty {
            throw LineFault(reason: "\(context.codingPath[0].stringValue) has the wrong type")
        } catch {
            throw LineFault(reason: "not a session in JSON")
        }
        memberId = OpaqueID(fields.memberId)
        sessionId = OpaqueID(fields.sessionId)
        titleId = OpaqueID(fields.titleId)
        runtimeMs = fields.runtimeMs
        deviceId = fields.deviceId
        deviceType = fields.deviceType
        events = []
        unanswered = fields.unanswered ?? []
        dropped = fields.dropped ?? []
        expected = fields.expected
        events.reserveCapacity(fields.events.count)
        for numbers in fields.events {
            let event = try event(numbers)
            if let last = events.last, event.seq <= last.seq {
                throw LineFault(reason: "event \(event.seq) does not come after \(last.seq)")
            }
            events.append(event)
        }
        let sent = Set(events.map(\.seq)).union(unanswered)
        if let both = dropped.first(where: sent.contains) { throw LineFault(reason: "event \(both) is both sent and dropped") }
    }

    private func event(_ numbers: [Int64]) throws(LineFault) -> PlaybackEvent {
        guard (5...6).contains(numbers.count), Self.kinds.indices.contains(Int(clamping: numbers[1])), (0...3).contains(numbers[4]) else {
            throw LineFault(reason: "\(numbers) is no event")
        }
        let carriesRuntime = numbers[4] & Self.tellsRuntime != 0
        let carriesDevice = numbers[4] & Self.tellsDevice != 0
        let event = PlaybackEvent(
            memberId: memberId, sessionId: sessionId, seq: numbers[0], kind: Self.kinds[Int(numbers[1])], titleId: titleId,
            positionMs: numbers[2], fromPositionMs: numbers.count == 6 ? numbers[5] : nil, runtimeMs: carriesRuntime ? runtimeMs : nil,
            occurredAt: numbers[3], deviceId: carriesDevice ? deviceId : nil, deviceType: carriesDevice ? deviceType : nil)
        do {
            try event.validateContent()
        } catch {
            throw LineFault(reason: "\(numbers) is no good event: \(error.detail)")
        }
        return event
    }

    private static func numbers(of event: PlaybackEvent) -> [Int64] {
        let tells = (event.runtimeMs == nil ? 0 : tellsRuntime) + (event.deviceId == nil ? 0 : tellsDevice)
        return [event.seq, kindNumbers[event.kind]!, event.positionMs, event.occurredAt, tells] + (event.fromPositionMs.map { [$0] } ?? [])
    }
}

extension [UInt8] {
    fileprivate mutating func append<Item>(list items: [Item], _ write: (inout [UInt8], Item) -> Void) {
        append(UInt8(ascii: "["))
        for (index, item) in items.enumerated() {
            if index > 0 { append(UInt8(ascii: ",")) }
            write(&self, item)
        }
        append(UInt8(ascii: "]"))
    }

    fileprivate mutating func append(numbers: [Int64]) {
        append(list: numbers) { $0.append(decimal: $1) }
    }
}
