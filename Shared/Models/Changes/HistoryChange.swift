/// One thing that followers of the history must know: a recommendation service, say, or a page that shows it.
public struct HistoryChange: Sendable, Hashable {
    public enum Content: Sendable, Hashable {
        /// A session as the history shows it now.
        case session(OpaqueID, SessionSummary)
        /// Sessions of a title, nil for all, last watched then or before are left out of the history.
        case hidden(title: OpaqueID?, until: Timestamp)
        /// The title's bookmark, if last watched then or before, is left out of continue-watching.
        case rowHidden(title: OpaqueID, until: Timestamp)
        /// Everything of the member is gone.
        case erased
    }

    public var memberId: OpaqueID
    /// From one sequence for all changes: of two of the same thing the greater is newer, an equal one is a repetition.
    public var revision: Int64
    public var content: Content

    public init(memberId: OpaqueID, revision: Int64, content: Content) {
        self.memberId = memberId
        self.revision = revision
        self.content = content
    }
}
