/// An id that belongs to somebody else: equal only where its bytes are equal.
///
/// Swift's `String` takes canonically equivalent texts (é as one scalar or as two) for equal; PostgreSQL, Redis and the
/// systems that made the id do not. A session folded under the wrong key would be lost, so ids have a type of their own.
public struct OpaqueID: Sendable, Hashable, Comparable, CustomStringConvertible, ExpressibleByStringLiteral {
    public let text: String

    public init(_ text: String) {
        self.text = text
    }

    public init(stringLiteral text: String) {
        self.text = text
    }

    public var description: String { text }

    public static func == (left: OpaqueID, right: OpaqueID) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    /// The order of `COLLATE "C"`.
    public static func < (left: OpaqueID, right: OpaqueID) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        // Native strings are contiguous; the loop is for the ones bridged from elsewhere.
        let hashed: Void? = text.utf8.withContiguousStorageIfAvailable { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        if hashed == nil { for byte in text.utf8 { hasher.combine(byte) } }
        hasher.combine(UInt8(0xff))
    }
}
