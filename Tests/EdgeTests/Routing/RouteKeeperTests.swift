import EventStream
import Foundation
import Models
import ServiceKit
import TestSupport
import Testing

@testable import Edge

@Suite("The routing table on an edge's disk")
struct RouteKeeperTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func table(_ version: Int) -> RoutingTable {
        RoutingTable(version: version, async: MemberShare(slots: version), shadow: .none, pins: ["m-1": .sync])
    }

    @Test("is the last one, and what cannot be written is tried again")
    func retries() async throws {
        let readiness = Readiness(awaiting: [])
        let spools = folder.url.appending(path: "spools")
        let file = RouteFile(folder: spools.path)
        let keeper = RouteKeeper(file: file, readiness: readiness, logger: .silent)
        // There is no such folder yet.
        keeper.keep(table(1))
        try await eventually("it cannot be written") { readiness.current["route file"]?.isDegradedOnly == true }
        try FileManager.default.createDirectory(at: spools, withIntermediateDirectories: true)
        try await eventually("it is written") {
            keeper.keep(table(2))
            return try file.read() == table(2)
        }
        try await eventually("all is well") { readiness.current.isEmpty }
        #expect(try FileManager.default.contentsOfDirectory(atPath: spools.path) == ["route.json"], "no draft is left")
        #expect(try FileManager.default.attributesOfItem(atPath: spools.path + "/route.json")[.posixPermissions] as? Int == 0o600)
    }

    @Test("of another kind is told without what it says of members")
    func malformed() throws {
        try FileManager.default.createDirectory(at: folder.url, withIntermediateDirectories: true)
        let file = RouteFile(folder: folder.url.path)
        #expect(try file.read() == nil)
        for text in [#"{"async":"5","pins":{"m-42":"sync"}}"#, #"{"async":"500","pins":{"m-42":"sync"},"shadow":"0","version":1}"#] {
            try Data(text.utf8).write(to: folder.url.appending(path: "route.json"))
            let error = #expect(throws: RoutingTable.Malformed.self) { try file.read() }
            #expect(error?.description.contains("routing table") == true && error?.description.contains("m-42") == false)
        }
    }
}
