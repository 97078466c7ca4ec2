import Models

/// The sessions of several truth files, by member.
struct KnownSessions: Sendable {
    private(set) var members: [OpaqueID: [KnownSession]] = [:]
    /// Sessions whose content is known, and their accepted events.
    private(set) var sessions = 0
    private(set) var events = 0
    /// Sessions whose content is not known for certain.
    private(set) var uncertain = 0
    private var paths: [SessionKey: String] = [:]

    /// - Throws: ``TruthFileError`` for a session that another file has too: neither alone says what is to be expected of it.
    mutating func add(_ added: [KnownSession], from path: String) throws(TruthFileError) {
        for session in added {
            let key = SessionKey(memberId: session.memberId, sessionId: session.sessionId)
            if let other = paths.updateValue(path, forKey: key) {
                throw TruthFileError(
                    description: "session \(session.sessionId) is in \(other) and in \(path): give truth files of different simulations")
            }
            members[session.memberId, default: []].append(session)
            if session.expected == nil {
                uncertain += 1
            } else {
                sessions += 1
                events += session.acceptedEvents
            }
        }
    }
}
