import Testing

@testable import PublicAPI

@Suite struct LoopbackHostTests {
    @Test(arguments: [
        ("127.0.0.1", true), ("127.8.9.1", true), ("localhost", true), ("LOCALHOST", true), ("::1", true), ("[::1]", true),
        ("0.0.0.0", false), ("::", false), ("10.0.0.1", false), ("127.0.0.1.evil.example", false), ("localhost.evil.example", false),
        ("127.evil.example.com", false), ("", false),
    ])
    func loopbackIsToldFromTheRest(host: String, expected: Bool) {
        #expect(LoopbackHost.includes(host) == expected)
    }
}
