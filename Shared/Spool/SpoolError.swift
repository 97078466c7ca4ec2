import Foundation

/// Why the spool did not take events, or cannot be used.
public struct SpoolError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// The bound of the settings is reached.
        case full
        /// The operating system refuses: no space, no permission, a broken disk.
        case disk
        /// A file opens, but does not give its content.
        case unreadable
        /// Another process holds the folder.
        case locked
    }

    public let kind: Kind
    public let description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = "spool: \(description)"
    }

    /// From `errno`, right after the call.
    static func system(_ call: String, _ path: String, _ kind: Kind = .disk) -> SpoolError {
        SpoolError(kind, "\(call) \(path): \(String(cString: strerror(errno)))")
    }
}
