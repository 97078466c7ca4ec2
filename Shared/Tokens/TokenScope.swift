/// What a token lets its bearer do beyond the member that it names.
public enum TokenScope: String, Sendable, CaseIterable {
    /// Report what any member watched.
    case writeAnyEvents = "events:write:any"
    /// Read the history of any member.
    case readAnyHistory = "history:read:any"
    /// Hide and erase the history of any member.
    case writeAnyHistory = "history:write:any"
    /// Look at the pipeline, and at single sessions even where they are hidden.
    case operations = "ops"
}
