import Foundation
import Models
import ServiceKit

@testable import Edge

/// The parser of requests beside ``ReferenceRequest``.
enum ReferenceComparison {
    /// - Parameter request: what `body` was read as, or why it was refused.
    /// - Returns: how the reference reads it otherwise; nil where it does not, or where it cannot be compared.
    static func difference(_ request: Result<EventRequest, Problem>, _ body: [UInt8]) -> String? {
        let data = Data(body)
        // To Foundation a NUL is a sign of UTF-16.
        guard !body.contains(0), !hasInexactNumber(body), (try? JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)) != nil
        else {
            return nil
        }
        return difference(request, try? JSONDecoder().decode(ReferenceRequest.self, from: data), String(decoding: body, as: UTF8.self))
    }

    /// A number with a fraction or an exponent that a double may not hold exactly: the reference does not go by doubles.
    private static func hasInexactNumber(_ body: [UInt8]) -> Bool {
        let numbers = body.split { !"0123456789+-.eE".utf8.contains($0) }.map { String(decoding: $0, as: UTF8.self) }
        return numbers.contains { text in
            guard text.contains(where: { ".eE".contains($0) }), let value = Double(text) else { return false }
            return (0x1p52..<0x1p63).contains(value.magnitude)
        }
    }

    private static func difference(_ request: Result<EventRequest, Problem>, _ reference: ReferenceRequest?, _ body: String) -> String? {
        switch (request, reference) {
        // Foundation lets objects and arrays end with a comma.
        case (.failure(let problem), _) where problem.type == "malformed-json" && body.contains(/,\s*[}\]]/): return nil
        case (.failure(let problem), let reference):
            let isExcused =
                reference == nil || ["sentAt", "events"].contains { mayRepeat($0, body) && problem.detail == repeated($0) + "." }
            return problem.type == "malformed-body" && isExcused ? nil : "refused as \(problem.type): \(problem.detail)"
        case (.success, nil): return "taken, and the reference refuses it"
        case (.success(let request), let reference?):
            if request.sentAt != reference.sentAt { return "sentAt is \(String(describing: request.sentAt))" }
            if request.drafts.count != reference.events.count { return "\(request.drafts.count) events" }
            for (index, (draft, event)) in zip(request.drafts, reference.events).enumerated() where draft.event != event {
                if case .failure(let fault) = draft.event, let field = fault.field, isExcused(fault, of: field, body) { continue }
                return "event \(index) is \(draft.event), the reference has \(event)"
            }
            return nil
        }
    }

    /// Faults that the reference does not see, or sees elsewhere.
    private static func isExcused(_ fault: EventFault, of field: String, _ body: String) -> Bool {
        if fault.detail == repeated(field) { return mayRepeat(field, body) }
        // Where the edge had to mend half a surrogate pair or a number beyond all bounds, U+0000 is read as such a half. No field may have it.
        return fault.detail == "\(field) must be a string of valid Unicode" && body.contains("\\u0000")
    }

    /// Of fields that stand twice the reference takes the first.
    private static func repeated(_ field: String) -> String {
        "\(field) must not stand more than once"
    }

    private static func mayRepeat(_ field: String, _ body: String) -> Bool {
        // The corpus has a key with an escape in it.
        body.replacing("\\u0065", with: "e").ranges(of: "\"\(field)\"").count > 1
    }
}
