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
        left.withBytes { left in right.withBytes { right in left.count == right.count && left.elementsEqual(right) } }
    }

    /// The order of `COLLATE "C"`.
    public static func < (left: OpaqueID, right: OpaqueID) -> Bool {
        left.withBytes { left in right.withBytes { right in left.lexicographicallyPrecedes(right) } }
    }

    public func hash(into hasher: inout Hasher) {
        withBytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(UInt8(0xff))
    }

    /// The UTF-8 in place: tens of thousands of ids are compared for every batch.
    public func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        // Native strings are contiguous; a copy is for the ones bridged from elsewhere.
        text.utf8.withContiguousStorageIfAvailable(body) ?? Array(text.utf8).withUnsafeBufferPointer(body)
    }
}
