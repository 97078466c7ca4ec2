import Models
import SwiftProtobuf

/// The change feed's `HistoryChangeBatch`.
public enum WireChanges {
    /// A batch that grows: its changes are encoded as they come. The bytes of two batches one after the other are the batch of both.
    public struct Batch {
        private var fields = ProtobufFields()
        public private(set) var count = 0

        public init() {}

        public var bytes: [UInt8] { fields.bytes }

        public mutating func append(_ change: HistoryChange) {
            fields.append(1) { $0.append(change) }
            count += 1
        }
    }

    public static func encode(_ changes: [HistoryChange]) -> [UInt8] {
        var batch = Batch()
        for change in changes { batch.append(change) }
        return batch.bytes
    }

    /// Changes of a kind of a later version are passed over.
    /// - Throws: ``UndecodableError`` for bytes that are no batch.
    public static func decode(_ bytes: [UInt8]) throws(UndecodableError) -> [HistoryChange] {
        do {
            return try ProtoHistoryChangeBatch(serializedBytes: bytes).changes.compactMap(HistoryChange.init)
        } catch {
            throw UndecodableError("not a HistoryChangeBatch: \(error)")
        }
    }
}

extension ProtobufFields {
    /// The fields of a `HistoryChange`.
    fileprivate mutating func append(_ change: HistoryChange) {
        append(1, change.memberId.text)
        append(2, change.revision)
        switch change.content {
        case .session(let sessionId, let summary): append(3) { $0.append(sessionId, summary) }
        case .hidden(let title, let until): append(4) { $0.append(hidden: title, until) }
        case .rowHidden(let title, let until): append(5) { $0.append(hidden: title, until) }
        case .erased: append(6) { _ in }
        }
    }

    private mutating func append(_ sessionId: OpaqueID, _ summary: SessionSummary) {
        append(1, sessionId.text)
        append(2, summary.titleId.text)
        append(3, summary.startedAt)
        append(4, summary.lastWatchedAt)
        append(5, summary.positionMs)
        append(6, optional: summary.runtimeMs)
        append(7, summary.watchedMs)
        append(8, summary.completed)
        append(9, optional: summary.deviceId)
        append(10, optional: summary.deviceType)
        append(11, summary.missingEvents)
        append(12, summary.approximate)
    }

    private mutating func append(hidden title: OpaqueID?, _ until: Timestamp) {
        append(1, optional: title?.text)
        append(2, until)
    }
}

extension ProtoHistoryChange.Session {
    var summary: SessionSummary {
        SessionSummary(
            titleId: OpaqueID(titleID), startedAt: startedAt, lastWatchedAt: lastWatchedAt, positionMs: positionMs,
            runtimeMs: hasRuntimeMs ? runtimeMs : nil, watchedMs: watchedMs, completed: completed,
            deviceId: hasDeviceID ? deviceID : nil, deviceType: hasDeviceType ? deviceType : nil, missingEvents: missingEvents,
            approximate: approximate)
    }
}

extension ProtoHistoryChange.Hidden {
    var title: OpaqueID? { hasTitleID ? OpaqueID(titleID) : nil }
}

extension HistoryChange {
    /// nil for a kind of a later version.
    init?(_ message: ProtoHistoryChange) {
        let content: Content
        switch message.change {
        case .session(let session): content = .session(OpaqueID(session.sessionID), session.summary)
        case .hidden(let hidden): content = .hidden(title: hidden.title, until: hidden.hiddenUntil)
        case .rowHidden(let hidden):
            guard let title = hidden.title else { return nil }
            content = .rowHidden(title: title, until: hidden.hiddenUntil)
        case .erased: content = .erased
        case nil: return nil
        }
        self.init(memberId: OpaqueID(message.memberID), revision: message.revision, content: content)
    }
}
