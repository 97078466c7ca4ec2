/// What of a member's sessions may be shown: those watched past what the member has hidden.
enum VisibleSessions {
    /// A condition in SQL. Who has hidden nothing, as most have not, costs a look at an index once, and no more for each session.
    /// - Parameters:
    ///   - session: the name of the row of `playback_session`.
    ///   - member: whose it is.
    static func condition(_ session: String, member: String) -> String {
        """
        ((SELECT NOT EXISTS (SELECT FROM hidden_title h WHERE h.member_id = \(member)))
         OR NOT EXISTS (
            SELECT FROM hidden_title h
            WHERE h.member_id = \(member) AND h.title_id IN (\(session).title_id, '') AND h.hidden_until >= \(session).last_watched_at))
        """
    }
}
