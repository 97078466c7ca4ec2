import Foundation
import Models

/// What a comparison of the two histories found. Pure.
struct ShadowReport: Sendable, Hashable, Encodable {
    /// Of each kind.
    private static let maximalExamples = 10

    /// A session that differs.
    struct Example: Sendable, Hashable, Encodable {
        var kind: String
        var memberId: String
        var sessionId: String
        /// What members are shown, and what the shadow has.
        var expected: String?
        var found: String?
    }

    private(set) var equal = 0
    private(set) var onlyHere = 0
    private(set) var onlyThere = 0
    private(set) var differing = 0
    private(set) var notSettled = 0
    private(set) var notCopied = 0
    private(set) var notShadowed = 0
    /// Sessions by field that differs.
    private(set) var fields: [String: Int] = [:]
    private(set) var examples: [Example] = []
    /// Why nothing could be called a mismatch; nil where it could.
    var uncertainty: String?
    var seconds = 0.0

    var mismatches: Int { onlyHere + onlyThere + differing }
    var compared: Int { equal + mismatches }
    /// Mismatches among what was compared, 0...1; nil where nothing was.
    var mismatchRate: Double? { compared == 0 ? nil : Double(mismatches) / Double(compared) }
    /// That nothing differs is no wonder.
    var provesNothing: Bool { compared == 0 || uncertainty != nil }

    mutating func add(_ verdict: ShadowVerdict, of key: SessionKey) {
        switch verdict {
        case .equal: equal += 1
        case .notSettled: notSettled += 1
        case .notCopied: notCopied += 1
        case .notShadowed: notShadowed += 1
        case .onlyHere:
            onlyHere += 1
            addExample("only here", key)
        case .onlyThere:
            onlyThere += 1
            addExample("only there", key)
        case .differs(let differences):
            differing += 1
            for field in differences {
                fields[field.name, default: 0] += 1
                addExample(field.name, key, field)
            }
        }
    }

    private mutating func addExample(_ kind: String, _ key: SessionKey, _ field: FieldDifference? = nil) {
        guard examples.count(where: { $0.kind == kind }) < Self.maximalExamples else { return }
        examples.append(
            Example(
                kind: kind, memberId: key.memberId.text, sessionId: key.sessionId.text, expected: field?.expected, found: field?.actual))
    }

    /// How many of each kind, by the names of the metric's label.
    var counts: [(String, Int)] {
        [
            ("equal", equal), ("only_here", onlyHere), ("only_there", onlyThere), ("differing", differing), ("not_settled", notSettled),
            ("not_copied", notCopied), ("not_shadowed", notShadowed),
        ]
    }

    var lines: [String] {
        let byField = fields.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        var lines = [
            "compared      \(compared) sessions in \(String(format: "%.1f", seconds)) s",
            "equal         \(equal)",
            "only here     \(onlyHere)  (members are shown it, the shadow does not have it)",
            "only there    \(onlyThere)  (the shadow has it, members are not shown it)",
            "differing     \(differing)\(byField.isEmpty ? "" : "  (\(byField))")",
            "not settled   \(notSettled)", "not copied    \(notCopied)", "not shadowed  \(notShadowed)  (began before, or its member left)",
        ]
        if let uncertainty { lines.append("some sessions could not be judged, as a copy of theirs may not have been made: \(uncertainty)") }
        let rate = mismatches == 0 ? "" : String(format: ", %.2f %% of what was compared", (mismatchRate ?? 0) * 100)
        lines.append("\(mismatches) mismatch\(mismatches == 1 ? "" : "es")\(rate)")
        return lines + exampleLines.map { "  \($0)" }
    }

    var exampleLines: [String] {
        examples.map { example in
            let values = example.expected.map { ": \($0), the shadow has \(example.found ?? "")" } ?? ""
            return "\(example.kind): session \(example.sessionId) of member \(example.memberId)\(values)"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case compared, equal, onlyHere, onlyThere, differing, notSettled, notCopied, notShadowed, mismatches, mismatchRate, fields, examples
        case uncertainty, seconds
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(compared, forKey: .compared)
        try values.encode(equal, forKey: .equal)
        try values.encode(onlyHere, forKey: .onlyHere)
        try values.encode(onlyThere, forKey: .onlyThere)
        try values.encode(differing, forKey: .differing)
        try values.encode(notSettled, forKey: .notSettled)
        try values.encode(notCopied, forKey: .notCopied)
        try values.encode(notShadowed, forKey: .notShadowed)
        try values.encode(mismatches, forKey: .mismatches)
        try values.encodeIfPresent(mismatchRate, forKey: .mismatchRate)
        try values.encode(fields, forKey: .fields)
        try values.encode(examples, forKey: .examples)
        try values.encodeIfPresent(uncertainty, forKey: .uncertainty)
        try values.encode(seconds, forKey: .seconds)
    }

    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
