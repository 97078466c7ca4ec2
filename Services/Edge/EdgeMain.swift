import Foundation
import PublicAPI
import ServiceKit

/// `playhead-edge`: takes events over HTTP and makes them durable before it answers.
@main
struct EdgeMain {
    static func main() async {
        await ServiceRunner.main {
            let runner = try ServiceRunner(
                name: "playhead-edge", defaults: [.httpPort: "8080", .adminPort: "9080"], awaiting: ["redis"])
            let durability = try await Durability(runner: runner)
            let routing = try Routing(runner: runner)
            let intake = EventIntake(
                log: durability.log, synchronous: routing.synchronous, counts: routing.counts,
                memberLimit: MemberLimit(eventsPerSecond: try runner.configuration.integer(.memberEventsPerSecond)),
                requestTimeout: try runner.configuration.milliseconds(.requestTimeoutMs),
                now: { Int64(Date.now.timeIntervalSince1970 * 1000) })
            let server = try await PublicServer(runner: runner)
            var routes = APIRoutes()
            let bodyMemory = BodyMemory(limitBytes: try runner.configuration.integer(.bodyMemoryMiB) << 20)
            EventRoutes(intake: intake, bodyMemory: bodyMemory).add(to: &routes)
            await routing.learn()
            // Stopped in reverse order: requests that are under way still need the rest.
            try await runner.run(durability.services + routing.services + server.services(routes))
            await durability.leave()
        }
    }
}
