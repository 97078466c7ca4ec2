import Testing

@testable import Operator

@Suite("The wait before a request is sent again")
struct RetryWaitTests {
    @Test(
        "is what the server asks for, and up to two seconds more",
        arguments: [(nil, 0), ("0", 0), ("3", 3), ("60", 60)] as [(String?, Int)])
    func asked(retryAfter: String?, seconds: Int) {
        var wait = RetryWait()
        for _ in 0..<50 {
            let next = wait.next(retryAfter: retryAfter)
            #expect(next > .seconds(seconds) && next <= .seconds(seconds) + .seconds(2))
        }
    }

    @Test("is not longer than a minute and what is random", arguments: ["61", "86400", "9223372036854775807"])
    func bound(retryAfter: String) {
        var wait = RetryWait()
        #expect(wait.next(retryAfter: retryAfter) <= .seconds(62))
    }

    @Test("does not heed what is no number of seconds", arguments: ["", "-5", "soon", "Wed, 21 Oct 2026 07:28:00 GMT", "1e9"])
    func other(retryAfter: String) {
        var wait = RetryWait()
        #expect(wait.next(retryAfter: retryAfter) <= .seconds(2))
    }

    @Test("grows and differs from client to client")
    func backoff() {
        let firsts = (0..<100).map { _ in
            var wait = RetryWait()
            return wait.next(retryAfter: "1")
        }
        #expect(Set(firsts).count > 90 && firsts.allSatisfy { $0 <= .milliseconds(1200) })
    }
}

@Suite("The address of a service")
struct ServiceAddressTests {
    @Test("takes paths whose parts are any text")
    func paths() throws {
        for text in ["http://127.0.0.1:8081", "http://127.0.0.1:8081/"] {
            let address = try ServiceAddress(text, of: "query service", example: "http://x")
            #expect(address.url("v1", "members", "a/b c?é%", "history") == "http://127.0.0.1:8081/v1/members/a%2Fb%20c%3F%C3%A9%25/history")
        }
    }

    @Test("must be one", arguments: ["", "localhost", "localhost:8080", "ftp://x", "http://", "nonsense"])
    func wrong(text: String) {
        #expect {
            try ServiceAddress(text, of: "edge", example: "http://127.0.0.1:8080")
        } throws: {
            "\($0)" == "the edge's address must be like http://127.0.0.1:8080, not '\(text)'"
        }
    }
}
