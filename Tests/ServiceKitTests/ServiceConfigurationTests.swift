import Foundation
import ServiceKit
import Testing

@Suite struct ServiceConfigurationTests {
    @Test func valuesComeFromTheEnvironmentElseTheServiceElseTheSetting() throws {
        let configuration = try ServiceConfiguration(
            environment: ["PLAYHEAD_PARTITIONS": "8", "PATH": "/bin"], defaults: [.httpPort: "8080"])
        #expect(try configuration.integer(.partitions) == 8)
        #expect(try configuration.integer(.httpPort) == 8080)
        #expect(try configuration.text(.redisURL) == "redis://127.0.0.1:6379")
        #expect(configuration.optionalText(.replica) == nil)
        #expect(throws: ConfigurationError.self) { try configuration.text(.adminPort) }
    }

    @Test func anUnknownNameIsAnErrorThatNamesIt() {
        let error = #expect(throws: ConfigurationError.self) { try ServiceConfiguration(environment: ["PLAYHEAD_HTTP_PROT": "1"]) }
        #expect(error?.description.contains("PLAYHEAD_HTTP_PROT") == true)
        #expect(error?.description.contains("PLAYHEAD_HTTP_PORT") == true, "the likely name is suggested")
        #expect(throws: ConfigurationError.self) { try ServiceConfiguration(environment: ["PLAYHEAD_HTTP_PORT_FILE": "x"]) }
    }

    @Test(arguments: [
        ("PLAYHEAD_HTTP_PORT", "http"), ("PLAYHEAD_HTTP_PORT", "65536"), ("PLAYHEAD_HTTP_PORT", "-1"), ("PLAYHEAD_PARTITIONS", "0"),
        ("PLAYHEAD_INSECURE_NO_AUTH", "perhaps"), ("PLAYHEAD_LOG_LEVEL", "loud"), ("PLAYHEAD_HTTP_PORT", ""),
        ("PLAYHEAD_COMPACT_AFTER", "30"), ("PLAYHEAD_COMPACT_AFTER", "999ms"), ("PLAYHEAD_COMPACT_AFTER", "10001d"),
        ("PLAYHEAD_COMPACT_AFTER", "1.5h"), ("PLAYHEAD_COMPACT_AFTER", "-1d"), ("PLAYHEAD_STREAM_RETENTION", "99999999999d"),
    ])
    func aBadValueIsAnErrorThatNamesTheVariable(name: String, value: String) {
        let error = #expect(throws: ConfigurationError.self) { try ServiceConfiguration(environment: [name: value]) }
        #expect(error?.description.contains(name) == true)
    }

    @Test(arguments: [("1", true), ("true", true), ("0", false), ("false", false)])
    func flagsAreReadAsPeopleWriteThem(value: String, expected: Bool) throws {
        #expect(try ServiceConfiguration(environment: ["PLAYHEAD_INSECURE_NO_AUTH": value]).flag(.insecureNoAuth) == expected)
    }

    @Test(arguments: [("5s", 5000), ("1500ms", 1500), ("10m", 600_000), ("24h", 86_400_000), ("30d", 2_592_000_000)])
    func durationsAreAWholeNumberAndAUnit(text: String, milliseconds: Int64) throws {
        let duration = try ServiceConfiguration(environment: ["PLAYHEAD_COMPACT_AFTER": text]).duration(.compactAfter)
        #expect(duration == .milliseconds(milliseconds))
    }

    @Test func viewingIsKeptForEverUnlessToldOtherwise() throws {
        let now = Date(timeIntervalSince1970: 1_000_000)
        #expect(try ServiceConfiguration(environment: [:]).historyKeptSince(now: now) == nil)
        #expect(try ServiceConfiguration(environment: ["PLAYHEAD_HISTORY_RETENTION": "10s"]).historyKeptSince(now: now) == 999_990_000)
    }

    @Test func aSecretMayStandInAFile() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "playhead-secret-\(UUID().uuidString)")
        try "redis://:from-file@r:1\n".write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let configuration = try ServiceConfiguration(environment: ["PLAYHEAD_REDIS_URL_FILE": file.path])
        #expect(try configuration.text(.redisURL) == "redis://:from-file@r:1")
        #expect(throws: ConfigurationError.self) {
            try ServiceConfiguration(environment: ["PLAYHEAD_REDIS_URL_FILE": file.path, "PLAYHEAD_REDIS_URL": "redis://x"])
        }
        #expect(throws: ConfigurationError.self) { try ServiceConfiguration(environment: ["PLAYHEAD_REDIS_URL_FILE": "/no/such/file"]) }
    }

    @Test func secretsAreRedactedInTheLog() throws {
        let configuration = try ServiceConfiguration(environment: [
            "PLAYHEAD_REDIS_URL": "redis://user:hunter2@r:6379/1", "PLAYHEAD_POSTGRES_URL": "host=p password=hunter2",
        ])
        let shown = configuration.redacted.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
        #expect(!shown.contains("hunter2"))
        #expect(shown.contains("@r:6379/1"))
    }

    @Test func everySettingIsDocumented() throws {
        let page = URL(filePath: #filePath).appending(path: "../../../docs/configuration.md").standardized
        let text = try String(contentsOf: page, encoding: .utf8)
        for setting in Setting.all {
            #expect(text.contains("`\(setting.name)`"), "docs/configuration.md lacks \(setting.name)")
        }
    }
}
