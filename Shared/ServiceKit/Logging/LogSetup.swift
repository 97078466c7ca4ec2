import Foundation
import Logging

/// Chooses where the log goes and how it looks: standard error, as text or JSON.
public enum LogSetup {
    /// Call once, before the first logger is made.
    public static func bootstrap(_ configuration: ServiceConfiguration) throws(ConfigurationError) {
        let level = Logger.Level(rawValue: try configuration.text(.logLevel)) ?? .info
        let isJSON = try configuration.text(.logFormat) == "json"
        LoggingSystem.bootstrap { label in
            if isJSON { return JSONLogHandler(label: label, logLevel: level) }
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
    }
}
