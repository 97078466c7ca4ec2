import ArgumentParser
import Foundation
import HistoryStore
import Models
import ServiceKit

/// `playhead compact`
struct CompactCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compact", abstract: "Compacts viewing that rests, as the compactor does by itself.",
        discussion: """
            Sessions that were not written for PLAYHEAD_COMPACT_AFTER; with --now those of any age whose last event is an hour old. It may be \
            interrupted and repeated, and run beside compactors.
            """)

    @Option(help: "One member.")
    var member: String?

    @Flag(help: "Every member.")
    var all = false

    @Flag(help: "Sessions of any age whose last event is an hour old.")
    var now = false

    func validate() throws {
        guard (member == nil) == all else { throw ValidationError("give either --member or --all") }
        if let member { try EventLimits.validate(id: member, "--member") }
    }

    func run() async throws {
        let context = try OperatorContext()
        let time = Timestamp(Date.now.timeIntervalSince1970 * 1000)
        let compactor = MemberCompactor(
            // Whoever hangs with a member's lock must not keep writers waiting for longer than they do.
            connection: try context.postgres(requestTimeout: .seconds(8)), keptSince: context.configuration.historyKeptSince())
        let due: MemberCompactor.Due =
            now ? .endedBefore(time - 3_600_000) : .unwritten(try context.configuration.duration(.compactAfter))
        let progress = ProgressLine()
        var total = MemberCompactor.Outcome()
        var members = 0
        var unreadable: [PostgresError] = []
        func compact(_ member: OpaqueID) async throws {
            do {
                total += try await compactor.compact(member, due)
            } catch {
                // The others need not wait for it.
                guard error.isOfOneMember else { throw error }
                unreadable.append(error)
            }
            members += 1
            progress.update("\(members) members, \(total.sessions) sessions compacted")
        }
        if let member {
            try await compact(OpaqueID(member))
        } else {
            let list = MemberList(connection: try context.postgres())
            while let part = try await list.next() { for member in part { try await compact(member) } }
        }
        progress.clear()
        let expired = total.expired == 0 ? "" : ", \(total.expired) removed as they ended before what is kept"
        print(
            "\(members) members: \(total.sessions) sessions compacted\(expired); \(total.rowBytes) bytes of rows became \(total.chunkBytes) bytes of chunks"
        )
        if let first = unreadable.first { throw CommandFailure("\(unreadable.count) members were left out: \(first)") }
    }
}
