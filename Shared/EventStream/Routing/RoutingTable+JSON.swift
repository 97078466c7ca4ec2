import Foundation
import Models

/// How a routing table stands in Redis and on an edge's disk: `{"version":3,"async":"10","shadow":"20","pins":{"m-1":"sync"}}`.
extension RoutingTable {
    /// A text that is no routing table of this version.
    public struct Malformed: Error, Hashable, CustomStringConvertible {
        public var description: String
    }

    private struct Form: Codable {
        var version: Int
        var async: String
        var shadow: String
        var pins: [String: String]
    }

    /// With its keys in order, so that equal tables have equal texts.
    public var json: String {
        let form = Form(
            version: version, async: async.description, shadow: shadow.description,
            pins: Dictionary(uniqueKeysWithValues: pins.map { ($0.key.text, $0.value.rawValue) }))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts and a number can always be written.
        return (try? encoder.encode(form)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// - Throws: ``Malformed`` that says what does not fit.
    public init(json: String) throws(Malformed) {
        let form: Form
        do {
            form = try JSONDecoder().decode(Form.self, from: Data(json.utf8))
        } catch {
            // Not the text itself: its pins name members.
            throw Malformed(description: "not a routing table, but \(json.utf8.count) bytes of something else")
        }
        guard form.version >= 0, let async = MemberShare(percent: form.async), let shadow = MemberShare(percent: form.shadow) else {
            throw Malformed(
                description: "a routing table with a version or a share that is none: version \(form.version), async '\(form.async)', "
                    + "shadow '\(form.shadow)'")
        }
        var pins: [OpaqueID: Route] = [:]
        for (member, name) in form.pins {
            guard let route = Route(rawValue: name) else { throw Malformed(description: "a routing table that pins a member to '\(name)'") }
            pins[OpaqueID(member)] = route
        }
        self.init(version: form.version, async: async, shadow: shadow, pins: pins)
    }
}
