import Models
import SwiftProtobuf

/// The change feed's `HistoryChangeBatch`.
public enum WireChanges {
    /// The bytes of two batches one after the other are the batch of both.
    public static func encode(_ changes: some Sequence<HistoryChange>) -> [UInt8] {
        do {
            return try ProtoHistoryChangeBatch.with { $0.changes = changes.map(ProtoHistoryChange.init) }.serializedBytes()
        } catch {
            preconditionFailure("changes always serialise: \(error)")
        }
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

extension ProtoHistoryChange {
    init(_ change: HistoryChange) {
        self.init()
        memberID = change.memberId.text
        revision = change.revision
        switch change.content {
        case .session(let sessionId, let summary): session = Session(sessionId, summary)
        case .hidden(let title, let until): hidden = Hidden(title, until)
        case .rowHidden(let title, let until): rowHidden = Hidden(title, until)
        case .erased: erased = Erased()
        }
    }
}

extension ProtoHistoryChange.Session {
    init(_ sessionId: OpaqueID, _ summary: SessionSummary) {
        self.init()
        sessionID = sessionId.text
        titleID = summary.titleId.text
        startedAt = summary.startedAt
        lastWatchedAt = summary.lastWatchedAt
        positionMs = summary.positionMs
        if let runtime = summary.runtimeMs { runtimeMs = runtime }
        watchedMs = summary.watchedMs
        completed = summary.completed
        if let device = summary.deviceId { deviceID = device }
        if let type = summary.deviceType { deviceType = type }
        missingEvents = summary.missingEvents
        approximate = summary.approximate
    }

    var summary: SessionSummary {
        SessionSummary(
            titleId: OpaqueID(titleID), startedAt: startedAt, lastWatchedAt: lastWatchedAt, positionMs: positionMs,
            runtimeMs: hasRuntimeMs ? runtimeMs : nil, watchedMs: watchedMs, completed: completed,
            deviceId: hasDeviceID ? deviceID : nil, deviceType: hasDeviceType ? deviceType : nil, missingEvents: missingEvents,
            approximate: approximate)
    }
}

extension ProtoHistoryChange.Hidden {
    init(_ title: OpaqueID?, _ until: Timestamp) {
        self.init()
        if let title { titleID = title.text }
        hiddenUntil = until
    }

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
