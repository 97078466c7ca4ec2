import Foundation
import Testing

@testable import HistoryStore

@Suite("The migrations")
struct MigrationTests {
    private static let folder = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "../../../Shared/HistoryStore/Migrations").standardizedFileURL

    private static func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".sql") }.sorted()
    }

    @Test("are numbered from 1 without a gap, in order")
    func numbers() {
        #expect(Migration.all.map(\.version) == Array(1...Migration.all.count))
        #expect(Migration.latestVersion == Migration.all.count)
    }

    @Test("are the files in the folder, by number and name")
    func names() throws {
        let wanted = Migration.all.map { migration in
            let number = String(migration.version)
            return String(repeating: "0", count: 4 - number.count) + "\(number)_\(migration.name).sql"
        }
        #expect(try Self.files() == wanted)
    }

    @Test("have the text of their file")
    func content() throws {
        for (file, migration) in zip(try Self.files(), Migration.all) {
            #expect(try migration.sql == String(contentsOf: Self.folder.appending(path: file), encoding: .utf8), "\(file)")
        }
    }

    @Test("have names that can stand in SQL")
    func plainNames() {
        #expect(Migration.all.allSatisfy { $0.name.wholeMatch(of: /[a-z0-9_]+/) != nil })
    }

    @Test("leave the transaction to the migrator")
    func noTransactions() {
        for migration in Migration.all {
            #expect(migration.sql.firstMatch(of: /(?mi)^\s*(BEGIN|COMMIT|ROLLBACK)\b/) == nil, "\(migration.name)")
        }
    }
}
