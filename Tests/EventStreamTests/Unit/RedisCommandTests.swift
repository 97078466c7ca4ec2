import Testing

@testable import EventStream

@Suite("A command as Redis reads it")
struct RedisCommandTests {
    private static func text(_ command: RedisCommand) -> String {
        String(decoding: command.encoded, as: UTF8.self)
    }

    @Test("is an array of bulk strings")
    func array() {
        #expect(Self.text(RedisCommand("PING")) == "*1\r\n$4\r\nPING\r\n")
        #expect(
            Self.text(RedisCommand("XADD", "playhead:{07}:events", "*", "n", 512))
                == "*5\r\n$4\r\nXADD\r\n$20\r\nplayhead:{07}:events\r\n$1\r\n*\r\n$1\r\nn\r\n$3\r\n512\r\n")
    }

    @Test("counts bytes, not characters")
    func bytes() {
        #expect(Self.text(RedisCommand("é😀")) == "*1\r\n$6\r\né😀\r\n")
    }

    @Test("takes empty arguments, line breaks and bytes that are no text")
    func anyBytes() {
        #expect(Self.text(RedisCommand("", "a\r\n$1")) == "*2\r\n$0\r\n\r\n$5\r\na\r\n$1\r\n")
        let bytes: [UInt8] = [0, 0xff, 0x0d, 0x0a, 0x80]
        let command = RedisCommand(RedisArgument(bytes))
        #expect(command.encoded == Array("*1\r\n$5\r\n".utf8) + bytes + [0x0d, 0x0a])
    }

    @Test("has as many arguments and as long ones as wanted")
    func large() {
        let command = RedisCommand(["XACK"] + (0..<1000).map { RedisArgument($0) })
        #expect(Self.text(command).hasPrefix("*1001\r\n$4\r\nXACK\r\n$1\r\n0\r\n"))
        #expect(Self.text(command).hasSuffix("$3\r\n999\r\n"))
        let payload = [UInt8](repeating: 1, count: 65_536)
        #expect(RedisCommand(RedisArgument(payload)).encoded == Array("*1\r\n$65536\r\n".utf8) + payload + [0x0d, 0x0a])
    }

    @Test("writes numbers as text, their sign with them")
    func numbers() {
        #expect(RedisArgument(Int64.min).bytes == Array("-9223372036854775808".utf8))
        #expect(RedisArgument(UInt64.max).bytes == Array("18446744073709551615".utf8))
        #expect((7 as RedisArgument).bytes == [0x37])
    }

    @Test(
        "waits in whole milliseconds, rounded up: 0 would be for ever",
        arguments: [
            (.zero, 0), (.nanoseconds(1), 1), (.microseconds(999), 1), (.milliseconds(1), 1), (.microseconds(1001), 2),
            (.milliseconds(1500), 1500),
            (.seconds(2), 2000), (.seconds(86_400 * 365), .max),
        ] as [(Duration, Int32)])
    func milliseconds(duration: Duration, milliseconds: Int32) {
        #expect(duration.milliseconds == milliseconds)
    }
}
