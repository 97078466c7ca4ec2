import Foundation
import HistoryStore
import Hummingbird
import Models
import PublicAPI
import ServiceKit
import Tokens

/// `GET /v1/titles/{t}/stats`: for operators, as it tells of all members together.
struct TitleRoutes: Sendable {
    /// About ten years.
    static let maximalDays: Int64 = 3660
    private static let defaultDays: Int64 = 30

    let statistics: TitleStatistics
    let guarding: DatabaseGuard

    func add(to routes: inout APIRoutes) {
        routes.on(.get, "/v1/titles/{t}/stats", handler: guarding.handler(stats))
    }

    private func stats(_ parameters: QueryParameters) async throws -> Response {
        guard parameters.context.grant.mayOperate else {
            throw Problem.forbidden("The token needs the scope \(TokenScope.operations.rawValue).")
        }
        let title = try parameters.id("t")
        let tomorrow = TitleDay.day(of: Int64(Date.now.timeIntervalSince1970 * 1000)) + 1
        let to = try parameters.day("to") ?? tomorrow
        let from = try parameters.day("from") ?? max(to - Self.defaultDays, 0)
        guard from <= to, to - from <= Self.maximalDays else {
            throw QueryParameters.invalid("from", "must not be after to, nor more than \(Self.maximalDays) days before it")
        }
        let days = try await statistics.days(of: title, in: from..<to)
        return Answer.json(TitleAnswer.json(title, from: from, to: to, days), to: parameters.request)
    }
}
