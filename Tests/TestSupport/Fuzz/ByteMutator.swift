import Oracle

/// Damages texts as accidents and mischief do: most changes leave the outer form whole, so that what is inside is tried.
public struct ByteMutator: Sendable {
    private let corpus: [[UInt8]]
    private let values: [[UInt8]]
    private let openers: Set<UInt8>
    private let closers: Set<UInt8>
    private let separators: [UInt8]

    /// - Parameters:
    ///   - corpus: sound inputs, and unsound ones that were interesting.
    ///   - values: what the format's values are replaced with, as they are written.
    ///   - openers: bytes after which a value begins.
    ///   - closers: bytes before which it ends.
    ///   - separators: bytes after each of which stands one of several parts.
    public init(corpus: [String], values: [String], openers: String, closers: String, separators: String) {
        self.corpus = corpus.map { Array($0.utf8) }
        self.values = values.map { Array($0.utf8) } + Self.noText
        self.openers = Set(openers.utf8)
        self.closers = Set(closers.utf8)
        self.separators = Array(separators.utf8)
    }

    /// Bytes that are no UTF-8: of no text, of the second byte alone, cut off, overlong, a surrogate, beyond U+10FFFF.
    private static let noText: [[UInt8]] = [
        [0xff], [0x80], [0xc2], [0xf0, 0x9f], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80],
    ]
    private static let pieces: [[UInt8]] =
        [
            "\"", "\"\"", ",", "\n", "\r", "\r\n", "\\", "{", "}", "[", "]", ":", "-", "\u{0}", "\u{1f}", "\u{feff}", "é", "e\u{301}",
            "0000",
            "99999999999999999999", " ", "null", "\\u0000", "\\ud800",
        ].map { Array($0.utf8) } + noText + [Array(repeating: 0x78, count: 300)]

    /// One of the corpus after none to four changes.
    public func input(using random: inout SeededGenerator) -> [UInt8] {
        var bytes = corpus[Int.random(in: 0..<corpus.count, using: &random)]
        for _ in 0..<Int.random(in: 0...4, using: &random) { change(&bytes, using: &random) }
        return bytes
    }

    private func change(_ bytes: inout [UInt8], using random: inout SeededGenerator) {
        guard !bytes.isEmpty else { return }
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<11: replaceValue(in: &bytes, using: &random)
        case 11..<15: repeatPart(of: &bytes, using: &random)
        case 15: splice(&bytes, using: &random)
        default: damage(&bytes, using: &random)
        }
    }

    private func replaceValue(in bytes: inout [UInt8], using random: inout SeededGenerator) {
        let start = Int.random(in: 0..<bytes.count, using: &random)
        guard let opener = bytes[start...].firstIndex(where: openers.contains) else { return }
        let end = bytes[(opener + 1)...].firstIndex(where: closers.contains) ?? bytes.count
        bytes.replaceSubrange(opener + 1..<end, with: values[Int.random(in: 0..<values.count, using: &random)])
    }

    /// As a device writes that repeats a field, an event or a row.
    private func repeatPart(of bytes: inout [UInt8], using random: inout SeededGenerator) {
        let separator = separators[Int.random(in: 0..<separators.count, using: &random)]
        let places = bytes.indices.filter { bytes[$0] == separator }
        guard places.count >= 2 else { return }
        let from = Int.random(in: 0..<places.count - 1, using: &random)
        let part = Array(bytes[places[from]..<places[from + 1]])
        bytes.insert(contentsOf: part, at: places[Int.random(in: 0..<places.count, using: &random)])
    }

    /// The beginning of one and the end of another, cut at like places where there are any.
    private func splice(_ bytes: inout [UInt8], using random: inout SeededGenerator) {
        let other = corpus[Int.random(in: 0..<corpus.count, using: &random)]
        let cut = Int.random(in: 0..<bytes.count, using: &random)
        let places = other.indices.filter { other[$0] == bytes[cut] }
        guard !places.isEmpty else { return }
        bytes.replaceSubrange(cut..., with: other[places[Int.random(in: 0..<places.count, using: &random)]...])
    }

    private func damage(_ bytes: inout [UInt8], using random: inout SeededGenerator) {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        let span = at..<min(bytes.count, at + Int.random(in: 1...20, using: &random))
        switch Int.random(in: 0..<7, using: &random) {
        case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: bytes.removeSubrange(span)
        case 3: bytes.insert(contentsOf: bytes[span], at: Int.random(in: 0...bytes.count, using: &random))
        case 4: bytes.removeSubrange(at...)
        case 5: bytes.replaceSubrange(span, with: Self.pieces[Int.random(in: 0..<Self.pieces.count, using: &random)])
        default: bytes.insert(contentsOf: Self.pieces[Int.random(in: 0..<Self.pieces.count, using: &random)], at: at)
        }
    }
}
