import Oracle

/// A file as an accident would leave it: bytes changed, lost, doubled or put in, with a liking for those that mean something.
struct Mutations {
    private static let pieces: [[UInt8]] =
        [
            "\"", "\"\"", ",", "\n", "\r", "\r\n", "\\", "{", "}", "[", "]", ":", "-", "\u{1f}", "\u{feff}", "é", "e\u{301}",
            "99999999999999999999",
            "9223372036854775807", "-1", "0000", " ", "null", "\\u0000", "\\ud800",
        ].map { Array($0.utf8) } + [[0], [0xff], [0xc2], [0x80], [0xf0, 0x9f], Array(repeating: 0x78, count: 300)]

    private var random: SeededGenerator

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    /// `file` after one to eight accidents.
    mutating func mutate(_ file: [UInt8]) -> [UInt8] {
        var mutated = file
        for _ in 0..<Int.random(in: 1...8, using: &random) { change(&mutated) }
        return mutated
    }

    private mutating func change(_ file: inout [UInt8]) {
        let at = Int.random(in: 0...file.count, using: &random)
        let range = at..<min(at + Int.random(in: 0...20, using: &random), file.count)
        switch Int.random(in: 0..<10, using: &random) {
        case 0 where at < file.count: file[at] = UInt8.random(in: 0...255, using: &random)
        case 1 where at < file.count: file[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: file.removeSubrange(range)
        case 3: file.insert(contentsOf: file[range], at: Int.random(in: 0...file.count, using: &random))
        case 4 where at % 4 == 0: file.removeSubrange(at...)
        case 5: file.replaceSubrange(range, with: Self.pieces.randomElement(using: &random)!)
        default: file.insert(contentsOf: Self.pieces.randomElement(using: &random)!, at: at)
        }
    }
}
