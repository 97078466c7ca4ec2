import BlockingClient
import Foundation
import Models

/// The journal of copies on this edge's disk: whatever becomes of the process, it is known afterwards of which sessions a copy may be missing.
///
/// On a thread of its own. What is written is in the system's hands when ``begin(_:)`` returns, so a process that dies loses nothing of it; nothing is
/// synced, so a machine that loses power may.
actor CopyJournal {
    /// One file of the journal. It is closed when nothing in it is open any more.
    private final class Segment {
        let path: String
        let descriptor: Int32
        var bytes = 0
        var open = 0

        init(path: String, descriptor: Int32) {
            self.path = path
            self.descriptor = descriptor
        }

        deinit { Foundation.close(descriptor) }
    }

    private struct Copy {
        var keys: [SessionKey]
        var segment: Segment
        /// Sessions that are still to be told.
        var untold = 0
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static let prefix = "shadow-copies-"
    /// Of one file, about.
    private static let maximalBytes = 1 << 20
    /// Of one in which nothing is open, so that ids do not stay for long.
    private static let idleBytes = 64 << 10
    /// Each is held by what is open in it. The spool needs the disk more.
    private static let maximalSegments = 32
    /// What was told is remembered for so long, and for so many sessions, about.
    private static let toldMemory = (for: Duration.seconds(60), sessions: 20_000)
    /// After a disk has refused.
    private static let pause = Duration.seconds(1)

    nonisolated let edge: String
    /// Copies that are not made yet, or of which it is still to be told that they were not; and the sessions of the latter. Read without waiting
    /// for the disk.
    nonisolated let counts = LockedValue((open: 0, untold: 0))
    private let folder: String
    private let executor = ThreadExecutor(name: "copy-journal")
    private var current: Segment?
    private var segments = 0
    private var nextAttempt = ContinuousClock.now
    private var nextSegment = 0
    private var nextNumber = 0
    private var open: [Int: Copy] = [:]
    /// Sessions of copies that were not made, still to be told: each once, however many of its events come while nobody can be told.
    private var untold: [SessionKey: Int] = [:]
    /// Those that were told lately: while the shadow is away each of their events would have them told again.
    private var toldLately: Set<SessionKey> = []
    private var toldSince = ContinuousClock.now

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - folder: that of the spools.
    ///   - edge: the name of this edge, which no other has.
    init(folder: String, edge: String) {
        self.folder = folder
        self.edge = edge
    }

    deinit { executor.stop() }

    /// Notes that events of these sessions are about to be written and copied.
    /// - Returns: the number of the copy.
    /// - Throws: ``Failure`` where the disk does not take it.
    func begin(_ keys: [SessionKey]) throws(Failure) -> Int {
        let segment = try writable()
        nextNumber += 1
        try write(.begun(nextNumber, keys), to: segment)
        segment.open += 1
        open[nextNumber] = Copy(keys: keys, segment: segment)
        count()
        return nextNumber
    }

    /// Notes what became of a copy.
    func end(_ number: Int, isCopied: Bool) {
        guard let copy = open[number] else { return }
        let news = isCopied ? [] : copy.keys.filter { untold[$0] == nil && !toldLately.contains($0) }
        for key in news { untold[key] = number }
        open[number]?.untold = news.count
        // A line that cannot be written only makes the copy count as missing after a crash.
        try? write(isCopied ? .copied(number) : news.isEmpty ? .told(number) : .notCopied(number), to: copy.segment)
        if news.isEmpty { close(number) }
        count()
    }

    /// Sessions of copies that were not made, at most so many.
    func missing(limit: Int) -> [SessionKey] {
        Array(untold.keys.prefix(limit))
    }

    /// Notes that these were told.
    func told(_ keys: [SessionKey]) {
        if .now - toldSince > Self.toldMemory.for || toldLately.count > Self.toldMemory.sessions {
            toldLately = []
            toldSince = .now
        }
        for key in keys {
            guard let number = untold.removeValue(forKey: key) else { continue }
            toldLately.insert(key)
            open[number]?.untold -= 1
            guard let copy = open[number], copy.untold == 0 else { continue }
            try? write(.told(number), to: copy.segment)
            close(number)
        }
        count()
    }

    /// Removes the file in use, where nothing in it is open: ids do not stay for longer than they are needed.
    func tidy() {
        guard let current, current.open == 0 else { return }
        remove(current)
        self.current = nil
    }

    private func count() {
        counts.withLock { $0 = (open.count, untold.count) }
    }

    private func close(_ number: Int) {
        guard let segment = open.removeValue(forKey: number)?.segment else { return }
        segment.open -= 1
        guard segment.open == 0, segment !== current || segment.bytes > Self.idleBytes else { return }
        if segment === current { current = nil }
        remove(segment)
    }

    private func remove(_ segment: Segment) {
        unlink(segment.path)
        segments -= 1
    }

    private func writable() throws(Failure) -> Segment {
        if let current, current.bytes < Self.maximalBytes { return current }
        if let current, current.open == 0 { remove(current) }
        current = nil
        guard ContinuousClock.now >= nextAttempt else { throw Failure(description: "journal of copies: the disk has just refused") }
        guard segments < Self.maximalSegments else {
            throw Failure(description: "journal of copies: \(segments) files hold sessions that are still to be told of")
        }
        let path = "\(folder)/\(Self.prefix)\(edge)-\(nextSegment)"
        let draft = "\(folder)/new-\(Self.prefix)\(edge)-\(nextSegment)"
        let descriptor = Foundation.open(draft, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("open", draft) }
        let segment = Segment(path: path, descriptor: descriptor)
        // Held as long as the process lives: whoever can lock it may take it over. So it gets its name only then.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, rename(draft, path) == 0 else {
            let failure = failure("flock or rename", draft)
            unlink(draft)
            throw failure
        }
        nextSegment += 1
        segments += 1
        current = segment
        return segment
    }

    private func write(_ record: CopyJournalFormat.Record, to segment: Segment) throws(Failure) {
        let line = Array(CopyJournalFormat.line(record).utf8)
        let written = line.withUnsafeBytes { Foundation.write(segment.descriptor, $0.baseAddress, $0.count) }
        segment.bytes += max(written, 0)
        guard written == line.count else {
            let failure = failure("write", segment.path)
            // Half a line would swallow the next one.
            if current === segment {
                current = nil
                if segment.open == 0 { remove(segment) }
            }
            throw failure
        }
    }

    private func failure(_ call: String, _ path: String) -> Failure {
        nextAttempt = .now + Self.pause
        return Failure(description: "journal of copies: \(call) \(path): \(String(cString: strerror(errno)))")
    }
}
