import CLibPQ
import Models

/// The rows of one statement, read in place from libpq's own memory. Columns are in binary format.
///
/// `@unchecked Sendable`: a result is complete when it gets here, is only read from then on, and is freed with its last reference.
public final class PostgresResult: @unchecked Sendable {
    private let result: OpaquePointer

    /// Takes ownership of a result of libpq.
    init(owning result: OpaquePointer) { self.result = result }

    deinit { PQclear(result) }

    public var rowCount: Int { Int(PQntuples(result)) }

    public func isNull(_ row: Int, _ column: Int) -> Bool {
        PQgetisnull(result, Int32(row), Int32(column)) == 1
    }

    /// Of a text or varchar column; nil for NULL.
    public func text(_ row: Int, _ column: Int) -> String? {
        withBytes(row, column) { String(decoding: $0, as: UTF8.self) }
    }

    /// Whether a text column has these bytes, without making a string of it.
    func isText(_ row: Int, _ column: Int, _ text: String) -> Bool {
        withBytes(row, column) { column in
            text.utf8.withContiguousStorageIfAvailable { $0.count == column.count && column.elementsEqual($0) }
                ?? column.elementsEqual(text.utf8)
        } ?? false
    }

    /// Of a bytea column; nil for NULL.
    public func bytes(_ row: Int, _ column: Int) -> [UInt8]? {
        withBytes(row, column) { Array($0) }
    }

    /// Of a bigint column; nil for NULL.
    public func int8(_ row: Int, _ column: Int) -> Int64? {
        withBytes(row, column) { Int64(bigEndian: $0.loadUnaligned(as: Int64.self)) }
    }

    /// Of an integer column; nil for NULL.
    public func int4(_ row: Int, _ column: Int) -> Int32? {
        withBytes(row, column) { Int32(bigEndian: $0.loadUnaligned(as: Int32.self)) }
    }

    /// Of a boolean column; nil for NULL.
    public func bool(_ row: Int, _ column: Int) -> Bool? {
        withBytes(row, column) { $0[0] != 0 }
    }

    /// Of a timestamptz column, cut to milliseconds; nil for NULL.
    public func timestamp(_ row: Int, _ column: Int) -> Timestamp? {
        int8(row, column).map(PostgresTime.decode)
    }

    private func withBytes<Value>(_ row: Int, _ column: Int, _ body: (UnsafeRawBufferPointer) -> Value) -> Value? {
        guard !isNull(row, column) else { return nil }
        let length = Int(PQgetlength(result, Int32(row), Int32(column)))
        return body(UnsafeRawBufferPointer(start: PQgetvalue(result, Int32(row), Int32(column)), count: length))
    }
}

extension PostgresResult {
    /// A value that the statement cannot leave NULL.
    /// - Throws: ``PostgresError`` of kind `unexpectedResult`.
    static func required<Value>(_ value: Value?, _ column: String) throws(PostgresError) -> Value {
        guard let value else { throw PostgresError(.unexpectedResult, "column \(column) is NULL") }
        return value
    }
}
