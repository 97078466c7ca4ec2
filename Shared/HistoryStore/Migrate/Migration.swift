/// A numbered step of the schema. Applied ones never change: a correction is a new step.
public struct Migration: Sendable, Hashable {
    public let version: Int
    public let name: String
    let sql: String

    /// All steps in order, from the SQL files in the folder Migrations.
    public static let all: [Migration] = [
        Migration(version: 1, name: "history", sql: String(decoding: PackageResources._001_history_sql, as: UTF8.self)),
        Migration(version: 2, name: "dead_letter", sql: String(decoding: PackageResources._002_dead_letter_sql, as: UTF8.self)),
        Migration(version: 3, name: "members", sql: String(decoding: PackageResources._003_members_sql, as: UTF8.self)),
        Migration(version: 4, name: "compaction", sql: String(decoding: PackageResources._004_compaction_sql, as: UTF8.self)),
        Migration(version: 5, name: "shadow", sql: String(decoding: PackageResources._005_shadow_sql, as: UTF8.self)),
    ]

    /// The version that this program needs at least.
    public static var latestVersion: Int { all.map(\.version).max() ?? 0 }
}
