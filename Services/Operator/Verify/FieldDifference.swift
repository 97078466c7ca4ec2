import Models

/// A field of a session that is not what it should be, both values in words.
struct FieldDifference: Sendable, Hashable {
    var name: String
    var expected: String
    var actual: String

    /// Of every field that can differ.
    static var names: [String] { fields.map(\.0) + [stateName] }
    /// Of what is behind the fields, where none of them differs.
    static let stateName = "state"

    /// Every field that differs, in the order in which the API documents them.
    static func all(expected: SessionView, actual: SessionView) -> [FieldDifference] {
        fields.compactMap { name, value in
            let (wanted, found) = (value(expected), value(actual))
            return wanted.utf8.elementsEqual(found.utf8) ? nil : FieldDifference(name: name, expected: wanted, actual: found)
        }
    }

    private static var fields: [(String, (SessionView) -> String)] {
        [
            // Compared as bytes, as ids are opaque; written so that a difference shows.
            ("titleId", { text($0.titleId) }),
            ("startedAt", { RFC3339.format($0.startedAt) }),
            ("lastWatchedAt", { RFC3339.format($0.lastWatchedAt) }),
            ("positionMs", { String($0.positionMs) }),
            ("runtimeMs", { number($0.runtimeMs) }),
            ("watchedMs", { String($0.watchedMs) }),
            ("completed", { String($0.completed) }),
            ("deviceId", { text($0.deviceId) }),
            ("deviceType", { text($0.deviceType) }),
            ("missingEvents", { String($0.missingEvents) }),
            ("approximate", { String($0.approximate) }),
            ("sequenceRuns", { runs($0.sequenceRuns) }),
        ]
    }

    private static func number(_ value: Int64?) -> String {
        value.map(String.init) ?? "absent"
    }

    private static func text(_ value: String?) -> String {
        value.map { "'\($0)'" } ?? "absent"
    }

    private static func runs(_ runs: [[Int64]]) -> String {
        runs.map { $0.map(String.init).joined(separator: "-") }.joined(separator: " ")
    }
}
