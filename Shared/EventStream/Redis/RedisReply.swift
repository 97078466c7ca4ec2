import CHiredis

/// A reply, read in place from hiredis' own memory.
///
/// `@unchecked Sendable`: the tree is complete when it gets here, is only read from then on, and is freed with its last reference.
public struct RedisReply: @unchecked Sendable {
    private let tree: Tree
    private let node: OpaquePointer

    private final class Tree: @unchecked Sendable {
        let root: OpaquePointer
        init(root: OpaquePointer) { self.root = root }
        deinit { playhead_reply_free(root) }
    }

    /// Takes ownership of a reply of hiredis.
    init(owning root: OpaquePointer) {
        tree = Tree(root: root)
        node = root
    }

    private init(tree: Tree, node: OpaquePointer) {
        self.tree = tree
        self.node = node
    }

    private var type: Int { Int(playhead_reply_type(node)) }

    public var isNil: Bool { type == PLAYHEAD_REPLY_NIL }

    /// The text of an error reply.
    public var error: RedisError? {
        type == PLAYHEAD_REPLY_ERROR ? RedisError(reply: withBytes { String(decoding: $0, as: UTF8.self) }) : nil
    }

    /// - Throws: ``RedisError`` of kind `unexpectedReply` for another type.
    public func integer() throws(RedisError) -> Int64 {
        guard type == PLAYHEAD_REPLY_INTEGER else { throw mismatch("an integer") }
        return playhead_reply_integer(node)
    }

    /// The text of a string or status.
    /// - Throws: ``RedisError`` of kind `unexpectedReply` for another type.
    public func text() throws(RedisError) -> String {
        guard type == PLAYHEAD_REPLY_STRING || type == PLAYHEAD_REPLY_STATUS else { throw mismatch("a string") }
        return withBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// The bytes of a string.
    /// - Throws: ``RedisError`` of kind `unexpectedReply` for another type.
    public func bytes() throws(RedisError) -> [UInt8] {
        guard type == PLAYHEAD_REPLY_STRING else { throw mismatch("a string") }
        return withBytes { Array($0) }
    }

    /// The elements of an array; none for nil, which is how Redis says "nothing" to a blocking read.
    /// - Throws: ``RedisError`` of kind `unexpectedReply` for another type.
    public func array() throws(RedisError) -> [RedisReply] {
        if isNil { return [] }
        guard type == PLAYHEAD_REPLY_ARRAY else { throw mismatch("an array") }
        return (0..<playhead_reply_count(node)).map { RedisReply(tree: tree, node: playhead_reply_element(node, $0)) }
    }

    /// An array of name, value, name, value… as a dictionary.
    /// - Throws: ``RedisError`` of kind `unexpectedReply` for another shape.
    public func fields() throws(RedisError) -> [String: RedisReply] {
        let items = try array()
        guard items.count % 2 == 0 else { throw mismatch("pairs") }
        var fields: [String: RedisReply] = [:]
        for index in stride(from: 0, to: items.count, by: 2) { fields[try items[index].text()] = items[index + 1] }
        return fields
    }

    private func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(UnsafeRawBufferPointer(start: playhead_reply_bytes(node), count: playhead_reply_length(node)))
    }

    private func mismatch(_ wanted: String) -> RedisError {
        error ?? RedisError(.unexpectedReply, "expected \(wanted), got a reply of type \(type)")
    }
}
