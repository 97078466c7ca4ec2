import ArgumentParser
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import ServiceKit

/// `playhead health [service]`
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Asks services on this machine whether they can do their job.",
        discussion: "Exits 0 when all that were asked are ready. Degraded counts as ready.")

    enum ServiceName: String, CaseIterable, ExpressibleByArgument {
        case edge, query, processor, compactor

        var adminPort: Int {
            switch self {
            case .edge: 9080
            case .query: 9081
            case .processor: 9082
            case .compactor: 9083
            }
        }
    }

    @Argument(help: "edge, query, processor or compactor; without it all four.")
    var service: ServiceName?

    @Option(help: "The service's admin port; default: PLAYHEAD_ADMIN_PORT where one service is named, else its usual one.")
    var port: Int?

    func run() async throws {
        let configured = try ServiceConfiguration().optionalText(.adminPort).flatMap(Int.init)
        var areAllReady = true
        for name in service.map({ [$0] }) ?? ServiceName.allCases {
            let port = port ?? (service == nil ? nil : configured) ?? name.adminPort
            let (isReady, report) = await Self.ask(port: port)
            print("\(name.rawValue): \(report)")
            areAllReady = areAllReady && isReady
        }
        if !areAllReady { throw ExitCode.failure }
    }

    private static func ask(port: Int) async -> (isReady: Bool, report: String) {
        do {
            let response = try await HTTPClient.shared.execute(
                HTTPClientRequest(url: "http://127.0.0.1:\(port)/readyz"), timeout: .seconds(3))
            let body = try await response.body.collect(upTo: 1 << 16)
            let report = String(buffer: body).trimmingCharacters(in: .newlines).replacing("\n", with: "; ")
            return (response.status == .ok, report)
        } catch {
            return (false, "no answer on port \(port): \(error)")
        }
    }
}
