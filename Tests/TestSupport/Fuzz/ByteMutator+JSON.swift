extension ByteMutator {
    /// - Parameters:
    ///   - corpus: JSON texts.
    ///   - values: of the fields that are read, beside those that are interesting anywhere.
    public static func json(corpus: [String], values: [String]) -> ByteMutator {
        ByteMutator(corpus: corpus, values: values + jsonValues, openers: ":", closers: ",}", separators: ",")
    }

    private static let jsonValues = [
        "null", "true", "[]", "{}", #"[1,[2,{"seq":3}]]"#, "0", "-0", "-1", "1.0", "1.5", "1e3", "1E+2", "1e-2", "-2.5e1", "1e19", "1e400",
        "9007199254740991.0", "9007199254740992", "9007199254740993", "9223372036854775807", "9223372036854775808",
        "-9223372036854775808", "-9223372036854775809", "18446744073709551616", "340282366920938463463374607431768211456", #""""#,
        #""\u0000""#, #""\u0001""#, #""\u0085""#, #""\ud83d\ude00""#, #""\ud83d""#, #""\ude00\ud83d""#, #""\ud83d\ud83d\ude00""#,
        #""\\ud83d""#, #""\/\b\f\n\r\t\"""#, "\"\u{7f}\"", "\"\u{85}\"", "\"é\u{10ffff}\"", #""1""#, #""]}{[,:""#, " \n\t 7 \r",
        "\"\(String(repeating: "x", count: 256))\"", "\"\(String(repeating: "x", count: 257))\"", nested(levels: 50), nested(levels: 1200),
        // No JSON: two values, a comma too many, a number and a word that are none, an escape that is none, a string without an end.
        "1 2", "1,", "01", "nul", #""\x""#, "\"a",
    ]

    private static func nested(levels: Int) -> String {
        String(repeating: #"[{"a":"#, count: levels / 2) + "1" + String(repeating: "}]", count: levels / 2)
    }
}
