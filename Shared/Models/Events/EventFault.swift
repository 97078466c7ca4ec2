/// Why an event was not taken: the field, and the limit it broke in words for a person.
public struct EventFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// The JSON name of the field, or nil where the event as a whole is at fault.
    public let field: String?
    public let detail: String

    /// The same as ``detail``.
    public var description: String { detail }

    public init(field: String? = nil, _ detail: String) {
        self.field = field
        self.detail = detail
    }
}
