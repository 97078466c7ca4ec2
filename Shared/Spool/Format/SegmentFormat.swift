import Batching

/// The bytes of a segment: docs/spool.md. Integers are little-endian. Pure.
///
/// - head: `PHSPOOL1`, the number of partitions that the records were sorted by (u32), CRC-32C of these 12 bytes (u32)
/// - then records: length of the body (u32), CRC-32C of the length and the body (u32), body
/// - body: partition (u16), number of events (u16), a `PlaybackEventBatch`
enum SegmentFormat {
    static let headBytes = 16
    /// Before the body of a record.
    static let frameBytes = 8
    private static let magic = Array("PHSPOOL1".utf8)
    /// Before the payload in a body.
    private static let bodyHeadBytes = 4
    /// A batch is cut at 64 KiB, but its last event may exceed that.
    private static let bodyBytes = bodyHeadBytes + 1...1 << 20

    static func head(partitions: Int) -> [UInt8] {
        var bytes = magic
        append(UInt32(partitions), to: &bytes)
        append(CRC32C.checksum(bytes[...]), to: &bytes)
        return bytes
    }

    /// - Returns: the number of partitions; nil for what is no sound head.
    static func partitions(ofHead bytes: some RandomAccessCollection<UInt8>) -> Int? {
        let bytes = Array(bytes.prefix(headBytes))
        guard bytes.count == headBytes, bytes.starts(with: magic), CRC32C.checksum(bytes[..<12]) == UInt32(read(bytes, at: 12, bytes: 4))
        else { return nil }
        return read(bytes, at: 8, bytes: 4)
    }

    static func append(_ batch: PartitionBatch, to bytes: inout [UInt8]) {
        let start = bytes.count
        append(UInt32(bodyHeadBytes + batch.payload.count), to: &bytes)
        append(UInt32(0), to: &bytes)
        append(UInt16(batch.partition), to: &bytes)
        append(UInt16(batch.eventCount), to: &bytes)
        bytes += batch.payload
        let checksum = recordChecksum(bytes[start...])
        withUnsafeBytes(of: checksum.littleEndian) { bytes.replaceSubrange(start + 4..<start + 8, with: $0) }
    }

    /// - Returns: the record that begins there and the offset of its end; nil where none does.
    static func record(in bytes: [UInt8], at offset: Int) -> (batch: PartitionBatch, end: Int)? {
        guard offset + frameBytes <= bytes.count else { return nil }
        let length = read(bytes, at: offset, bytes: 4)
        let body = offset + frameBytes
        guard bodyBytes.contains(length), body + length <= bytes.count,
            recordChecksum(bytes[offset..<body + length]) == UInt32(read(bytes, at: offset + 4, bytes: 4))
        else { return nil }
        let batch = PartitionBatch(
            partition: read(bytes, at: body, bytes: 2), payload: Array(bytes[body + bodyHeadBytes..<body + length]),
            eventCount: read(bytes, at: body + 2, bytes: 2))
        return (batch, body + length)
    }

    /// Of all of a record but the checksum.
    private static func recordChecksum(_ record: ArraySlice<UInt8>) -> UInt32 {
        CRC32C.checksum(record.prefix(4), record.dropFirst(frameBytes))
    }

    private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    private static func read(_ bytes: [UInt8], at offset: Int, bytes count: Int) -> Int {
        (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }
}
