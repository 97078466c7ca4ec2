import Foundation
import Hummingbird
import NIOCore
import ServiceLifecycle

/// An HTTP server as a part of a service. A port that it cannot have is said by the name of its setting.
public struct HTTPService<Context: RequestContext>: Service
where Context: InitializableFromSource<ApplicationRequestContextSource> {
    let application: Application<RouterResponder<Context>>
    /// As the settings name it.
    let port: (setting: Setting, value: Int)

    /// - Throws: ``ConfigurationError`` where the port cannot be listened on.
    public func run() async throws {
        do {
            try await application.run()
        } catch let error as IOError where [EADDRINUSE, EACCES, EADDRNOTAVAIL].contains(error.errnoCode) {
            throw ConfigurationError(
                "\(port.setting.name) is \(port.value), which cannot be listened on (\(String(cString: strerror(error.errnoCode)))): "
                    + "set another, or 0 for a free one")
        }
    }
}
