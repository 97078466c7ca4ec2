import Testing

@testable import Spool

@Suite("The checksum") struct CRC32CTests {
    /// RFC 3720, section B.4; the last is the check value of every catalogue of CRCs.
    @Test(
        "has the values of the standard",
        arguments: [
            (Array(repeating: 0, count: 32), 0x8a91_36aa), (Array(repeating: 0xff, count: 32), 0x62a8_ab43),
            (Array(0..<32), 0x46dd_794e), (Array("123456789".utf8), 0xe306_9283), ([], 0),
        ] as [([UInt8], UInt32)])
    func vectors(bytes: [UInt8], checksum: UInt32) {
        #expect(CRC32C.checksum(bytes[...]) == checksum)
    }

    @Test("of parts is that of the whole, wherever it is cut")
    func parts() {
        let bytes = Array("123456789".utf8)
        for cut in 0...bytes.count { #expect(CRC32C.checksum(bytes[..<cut], bytes[cut...]) == 0xe306_9283) }
    }
}
