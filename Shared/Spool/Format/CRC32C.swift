/// The Castagnoli cyclic redundancy check, as in iSCSI and ext4: polynomial 0x1EDC6F41, reflected. Source: RFC 3720, section B.4.
struct CRC32C {
    private var remainder = UInt32.max

    mutating func update(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBufferPointer { bytes in
            Self.table.withUnsafeBufferPointer { table in
                for byte in bytes {
                    remainder = table[Int(UInt8(truncatingIfNeeded: remainder) ^ byte)] ^ (remainder >> 8)
                }
            }
        }
    }

    var checksum: UInt32 { ~remainder }

    static func checksum(_ parts: ArraySlice<UInt8>...) -> UInt32 {
        var crc = CRC32C()
        for part in parts { crc.update(part) }
        return crc.checksum
    }

    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 1 ? (crc >> 1) ^ 0x82f6_3b78 : crc >> 1 }
    }
}
