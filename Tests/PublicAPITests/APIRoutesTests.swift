import HTTPTypes
import Hummingbird
import Testing

@testable import PublicAPI

@Suite struct APIRoutesTests {
    private var routes: APIRoutes {
        var routes = APIRoutes()
        routes.on(.get, "/v1/members/{m}/history") { _, _ in Response(status: .ok) }
        routes.on(.delete, "/v1/members/{m}/history") { _, _ in Response(status: .noContent) }
        routes.on(.delete, "/v1/members/{m}") { _, _ in Response(status: .noContent) }
        return routes
    }

    @Test(arguments: [
        ("/v1/members/a/history", ["GET", "HEAD", "DELETE", "OPTIONS"]),
        ("/v1/members/a%2Fb/history", ["GET", "HEAD", "DELETE", "OPTIONS"]),
        ("/v1/members/a", ["DELETE", "OPTIONS"]),
    ])
    func aResourceHasTheMethodsOfItsRoutes(path: String, methods: [String]) {
        #expect(routes.methods(at: path[...])?.map(\.rawValue) == methods)
    }

    @Test(arguments: ["/", "/v1/members", "/v1/members/a/other", "/v1/members/a/history/more"])
    func otherPathsAreNone(path: String) {
        #expect(routes.methods(at: path[...]) == nil)
    }
}
