import HTTPTypes
import HistoryStore
import Hummingbird
import Models
import PublicAPI
import ServiceKit

/// What members do with their history: take things out of it, or all of themselves.
struct MemberRoutes: Sendable {
    let hidden: HiddenHistory
    let eraser: MemberEraser
    let guarding: DatabaseGuard

    func add(to routes: inout APIRoutes) {
        routes.on(
            .delete, "/v1/members/{m}/history/{t}",
            handler: guarding.handler { parameters in
                try await Self.answer(hidden.hide(parameters.id("t"), of: parameters.writableMember()))
            })
        // Titles whose id is a path of its own.
        for title in ["export", "live"] {
            routes.on(
                .delete, "/v1/members/{m}/history/\(title)",
                handler: guarding.handler { parameters in
                    try await Self.answer(hidden.hide(OpaqueID(title), of: parameters.writableMember()))
                })
        }
        routes.on(
            .delete, "/v1/members/{m}/history",
            handler: guarding.handler { parameters in
                try await hidden.hideAll(of: parameters.writableMember())
                return Response(status: .noContent)
            })
        routes.on(
            .delete, "/v1/members/{m}/continue-watching/{t}",
            handler: guarding.handler { parameters in
                try await Self.answer(hidden.hideRow(parameters.id("t"), of: parameters.writableMember()))
            })
        routes.on(
            .delete, "/v1/members/{m}",
            handler: guarding.handler { parameters in
                let member = try parameters.writableMember()
                // Goes on to its end even if the client is gone by then: a member with a long past takes a while.
                let erasing = Task { try await eraser.erase(member) }
                try await erasing.value
                return Response(status: .noContent)
            })
    }

    private static func answer(_ isHidden: Bool) throws(Problem) -> Response {
        guard isHidden else {
            throw Problem(
                .conflict, type: "too-many-hidden",
                detail: "At most \(HiddenHistory.maximalTitles) titles are hidden one by one: hide the whole history in their place.")
        }
        return Response(status: .noContent)
    }
}
