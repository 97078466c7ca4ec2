import EventStream
import Testing

@Suite("PLAYHEAD_REDIS_URL")
struct RedisConfigurationTests {
    @Test("a host alone has the usual port, no password and database 0")
    func defaults() throws {
        let configuration = try RedisConfiguration(url: "redis://redis.internal")
        #expect(configuration.host == "redis.internal")
        #expect(configuration.port == 6379)
        #expect(configuration.user == nil && configuration.password == nil)
        #expect(configuration.database == 0)
    }

    @Test("everything that a URL may say")
    func everything() throws {
        let configuration = try RedisConfiguration(url: "redis://edge:s3cret@10.0.0.7:6380/12")
        #expect(configuration.host == "10.0.0.7")
        #expect(configuration.port == 6380)
        #expect(configuration.user == "edge")
        #expect(configuration.password == "s3cret")
        #expect(configuration.database == 12)
    }

    @Test(
        "a password without a user, its reserved characters percent-encoded",
        arguments: [("p%40ss%3A%2Fw%25", "p@ss:/w%"), ("caf%C3%A9", "café")])
    func password(encoded: String, password: String) throws {
        let configuration = try RedisConfiguration(url: "redis://:\(encoded)@h")
        #expect(configuration.user == nil)
        #expect(configuration.password == password)
        #expect(configuration.host == "h")
    }

    @Test(
        "an IPv6 address stands in brackets, which are not part of it",
        arguments: [
            ("redis://[::1]", "::1", 6379), ("redis://[2001:db8::7]:6380/1", "2001:db8::7", 6380), ("redis://:pw@[::1]:1", "::1", 1),
        ])
    func ipv6(url: String, host: String, port: Int) throws {
        let configuration = try RedisConfiguration(url: url)
        #expect(configuration.host == host)
        #expect(configuration.port == port)
    }

    @Test(
        "a slash at the end is no database", arguments: [("redis://h/", 0), ("redis://h:1/", 0), ("redis://h/0", 0), ("redis://h/15", 15)])
    func database(url: String, database: Int) throws {
        #expect(try RedisConfiguration(url: url).database == database)
    }

    @Test(
        "what is no such URL is refused with the form that it should have",
        arguments: [
            "", "redis", "localhost:6379", "http://h", "rediss://h", "redis://", "redis:///0", "redis://:6379", "redis://h:port",
            "redis://a b",
        ])
    func refused(url: String) throws {
        let error = try #require(throws: RedisError.self) { try RedisConfiguration(url: url) }
        #expect(error.kind == .configuration)
        #expect(error.message.contains("PLAYHEAD_REDIS_URL") && error.message.contains("redis://[[user]:password@]host[:port][/database]"))
    }

    @Test("a path that is no database number is refused", arguments: ["x", "-1", "1/2", "1.0", "0x1"])
    func badDatabase(path: String) throws {
        let error = try #require(throws: RedisError.self) { try RedisConfiguration(url: "redis://h/\(path)") }
        #expect(error.kind == .configuration)
        #expect(error.message.contains("database number"))
    }

    @Test("a port that no server can have is refused", arguments: ["65536", "99999999999", "0"])
    func badPort(port: String) throws {
        let error = try #require(throws: RedisError.self) { try RedisConfiguration(url: "redis://h:\(port)") }
        #expect(error.kind == .configuration)
    }

    @Test(
        "no error shows the password, even one that was not percent-encoded",
        arguments: [
            "redis://edge:s3cret@h/x", "redis://:s3cret@", "http://:s3cret@h", "redis://:s3cret@h:port", "redis://:s3cret@h/-1",
            "redis://edge:12/s3cret@h/0", "redis://:a/s3cret@h", "redis://edge:a b#s3cret@h", "redis://edge:/s3cret@h",
        ])
    func noPassword(url: String) throws {
        let error = try #require(throws: RedisError.self) { try RedisConfiguration(url: url) }
        #expect(!error.message.contains("s3cret") && !"\(error)".contains("s3cret"))
    }
}
