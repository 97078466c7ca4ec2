import Configuration
import Foundation

/// The settings of one process, read from its environment and checked as a whole before anything starts.
public struct ServiceConfiguration: Sendable {
    private let values: [String: String]

    /// Checks every `PLAYHEAD_` name that is present, whether this process reads it or not.
    /// - Parameters:
    ///   - environment: name and value of each variable.
    ///   - defaults: values where neither the environment nor the setting has one, as a service's ports.
    /// - Throws: ``ConfigurationError`` that names the variable and what it may be.
    public init(
        environment: [String: String] = ProcessInfo.processInfo.environment, defaults: [Setting: String] = [:]
    ) throws(ConfigurationError) {
        let known = Dictionary(uniqueKeysWithValues: Setting.all.map { ($0.name, $0) })
        for name in environment.keys.sorted() where name.hasPrefix("PLAYHEAD_") {
            let isFile = name.hasSuffix("_FILE") && known[String(name.dropLast(5))]?.isSecret == true
            if known[name] == nil && !isFile {
                throw ConfigurationError("\(name) is not a setting of Playhead\(Self.suggestion(for: name))")
            }
        }
        let reader = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: environment))
        var values: [String: String] = [:]
        for setting in Setting.all {
            values[setting.name] =
                try Self.value(of: setting, reader: reader, environment: environment) ?? defaults[setting] ?? setting.defaultValue
        }
        self.values = values
    }

    /// - Throws: ``ConfigurationError`` where there is no value.
    public func text(_ setting: Setting) throws(ConfigurationError) -> String {
        guard let value = values[setting.name] else { throw ConfigurationError("\(setting.name) must be set: \(setting.summary)") }
        return value
    }

    public func optionalText(_ setting: Setting) -> String? {
        values[setting.name]
    }

    /// - Throws: ``ConfigurationError`` where there is no value.
    public func integer(_ setting: Setting) throws(ConfigurationError) -> Int {
        guard let value = Int(try text(setting)) else { preconditionFailure("\(setting.name) was checked when it was read") }
        return value
    }

    /// - Throws: ``ConfigurationError`` where there is no value.
    public func milliseconds(_ setting: Setting) throws(ConfigurationError) -> Duration {
        .milliseconds(try integer(setting))
    }

    /// - Throws: ``ConfigurationError`` where there is no value.
    public func duration(_ setting: Setting) throws(ConfigurationError) -> Duration {
        guard let value = DurationText.parse(try text(setting)) else { preconditionFailure("\(setting.name) was checked when it was read") }
        return value
    }

    /// nil where there is no value.
    public func optionalDuration(_ setting: Setting) -> Duration? {
        values[setting.name].flatMap(DurationText.parse)
    }

    public func flag(_ setting: Setting) -> Bool {
        ["1", "true", "yes"].contains(values[setting.name] ?? "")
    }

    /// Names and values for the log, secrets redacted; the password alone where the secret is a URL.
    public var redacted: [(name: String, value: String)] {
        Setting.all.compactMap { setting in
            guard let value = values[setting.name] else { return nil }
            return (setting.name, setting.isSecret ? Self.redact(value) : value)
        }
    }

    private static func value(
        of setting: Setting, reader: ConfigReader, environment: [String: String]
    ) throws(ConfigurationError) -> String? {
        let fileVariable = setting.name + "_FILE"
        if setting.isSecret, let path = environment[fileVariable] {
            guard environment[setting.name] == nil else { throw ConfigurationError("set \(setting.name) or \(fileVariable), not both") }
            guard let content = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw ConfigurationError("\(fileVariable): cannot read \(path)")
            }
            return content.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        guard let raw = environment[setting.name] else { return nil }
        guard !raw.isEmpty else { throw ConfigurationError("\(setting.name) is set to nothing: give it a value, or unset it") }
        let key = ConfigKey(setting.name.lowercased().split(separator: "_").map(String.init))
        switch setting.kind {
        case .text:
            return reader.string(forKey: key, isSecret: setting.isSecret)
        case .integer(let range):
            guard let value = try? reader.requiredInt(forKey: key), range.contains(value) else {
                throw ConfigurationError(
                    "\(setting.name) must be an integer from \(range.lowerBound) to \(range.upperBound)\(shown(setting, environment))")
            }
            return String(value)
        case .flag:
            guard let value = try? reader.requiredBool(forKey: key) else {
                throw ConfigurationError("\(setting.name) must be 1 or 0\(shown(setting, environment))")
            }
            return value ? "1" : "0"
        case .duration(let range):
            guard let value = reader.string(forKey: key), let duration = DurationText.parse(value), range.contains(duration) else {
                throw ConfigurationError(
                    "\(setting.name) must be a duration from \(DurationText.format(range.lowerBound)) to "
                        + "\(DurationText.format(range.upperBound)), as 90s, 10m, 24h or 30d\(shown(setting, environment))")
            }
            return value
        case .choice(let words):
            guard let value = reader.string(forKey: key), words.contains(value) else {
                throw ConfigurationError("\(setting.name) must be one of \(words.joined(separator: ", "))\(shown(setting, environment))")
            }
            return value
        }
    }

    private static func shown(_ setting: Setting, _ environment: [String: String]) -> String {
        setting.isSecret ? "" : ", not '\(environment[setting.name] ?? "")'"
    }

    /// The known name that shares the longest beginning, if that says more than the prefix.
    private static func suggestion(for name: String) -> String {
        let nearest = Setting.all.map(\.name).max { $0.commonPrefix(with: name).count < $1.commonPrefix(with: name).count }
        guard let nearest, nearest.commonPrefix(with: name).count > "PLAYHEAD_".count + 2 else { return "" }
        return "; did you mean \(nearest)?"
    }

    private static func redact(_ value: String) -> String {
        guard var parts = URLComponents(string: value), parts.scheme != nil, parts.host != nil else { return "[redacted]" }
        if parts.password != nil { parts.password = "redacted" }
        parts.query = nil
        return parts.string ?? "[redacted]"
    }
}
