import Foundation
import Synchronization

/// A process that a test started, with its standard streams. It is killed with its last reference at the latest.
///
/// Spawned by hand: Foundation's `Process` lets children that are started at once inherit each other's pipes, and a pipe whose
/// writing end lives on in a stranger never ends.
public final class ChildProcess: Sendable {
    public let pid: pid_t
    private let input: Mutex<FileHandle?>
    private let output: FileHandle
    private let errorFile: URL
    /// What `waitpid` told, once it has.
    private let ending = Mutex<Int32?>(nil)

    /// - Throws: a `POSIXError` where the process cannot be started.
    public init(_ executable: URL, arguments: [String] = [], environment: [String: String]) throws {
        errorFile = FileManager.default.temporaryDirectory.appending(path: "playhead-test-\(UUID().uuidString).log")
        // One at a time: between the making of a pipe and its mark another child could inherit it.
        Self.spawning.lock()
        defer { Self.spawning.unlock() }
        let input = try Self.pipe()
        let output = try Self.pipe()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input.reading, 0)
        posix_spawn_file_actions_adddup2(&actions, output.writing, 1)
        posix_spawn_file_actions_addopen(&actions, 2, errorFile.path, O_WRONLY | O_CREAT | O_APPEND, 0o600)

        // Threads of the cooperative pool block signals, and a child would inherit that: it could not be stopped.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        let argv: [UnsafeMutablePointer<CChar>?] = ([executable.path] + arguments).map { strdup($0) } + [nil]
        let envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in argv + envp { free(text) } }
        var pid: pid_t = 0
        let status = posix_spawn(&pid, executable.path, &actions, &attributes, argv, envp)
        close(input.reading)
        close(output.writing)
        self.input = Mutex(FileHandle(fileDescriptor: input.writing, closeOnDealloc: true))
        self.output = FileHandle(fileDescriptor: output.reading, closeOnDealloc: true)
        self.pid = pid
        guard status == 0 else { throw POSIXError(POSIXErrorCode(rawValue: status) ?? .EINVAL) }
    }

    deinit {
        if isRunning { kill(pid, SIGKILL) }
        waitOnThisThread()
        try? FileManager.default.removeItem(at: errorFile)
    }

    public var isRunning: Bool { ended(waiting: false) == nil }

    /// The most that it had resident, in bytes: `VmHWM` of proc(5).
    public var peakMemory: Int {
        get throws {
            let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
            let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
            guard let kibibytes = line?.split(separator: " ").dropLast().last.flatMap({ Int($0) }) else { throw POSIXError(.ESRCH) }
            return kibibytes << 10
        }
    }

    /// Everything that it wrote to standard error until now.
    public var errorOutput: String { (try? String(contentsOf: errorFile, encoding: .utf8)) ?? "" }

    /// Waits for a line of its standard output; nil at the end.
    public func readLine() async -> String? {
        await aside { [output] in
            var line: [UInt8] = []
            while let byte = try? output.read(upToCount: 1)?.first {
                if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
                line.append(byte)
            }
            return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
        }
    }

    /// Waits for what is left of its standard output, to the end.
    public func readAll() async -> String {
        await aside { [output] in String(decoding: (try? output.readToEnd()) ?? Data(), as: UTF8.self) }
    }

    public func closeInput() {
        input.withLock { $0 = nil }
    }

    public func send(_ signal: Int32) {
        if isRunning { kill(pid, signal) }
    }

    /// How long a process may take to end before it is killed.
    private static let longestExit = DispatchTimeInterval.seconds(60)

    /// Waits for its end; after a minute it is killed.
    /// - Returns: the exit status, or 128 + the signal that ended it: 137 for one that had to be killed.
    @discardableResult
    public func waitUntilExit() async -> Int32 {
        await aside { self.waitOnThisThread() }
    }

    /// For where nothing can be awaited. Tasks of other tests may wait for this thread.
    @discardableResult
    func waitOnThisThread() -> Int32 {
        let patience = DispatchWorkItem { [pid] in kill(pid, SIGKILL) }
        if isRunning { DispatchQueue.global().asyncAfter(deadline: .now() + Self.longestExit, execute: patience) }
        defer { patience.cancel() }
        let status = ended(waiting: true) ?? 0
        return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + status & 0x7f
    }

    /// Sends a signal to all processes below this one.
    public func signalDescendants(_ signal: Int32) {
        for child in Self.descendants(of: pid) { kill(child, signal) }
    }

    /// Its wait status; nil while it runs. The lock is not held while this waits: WNOWAIT leaves it to be collected.
    private func ended(waiting: Bool) -> Int32? {
        if waiting, ending.withLock({ $0 == nil }) {
            var information = siginfo_t()
            while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        }
        return ending.withLock { ending in
            var status: Int32 = 0
            if ending == nil, waitpid(pid, &status, WNOHANG) == pid { ending = status }
            return ending
        }
    }

    private static let spawning = NSLock()

    /// Not inherited by children unless an action says so.
    private static func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [0, 0]
        guard Foundation.pipe(&ends) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EMFILE) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private static func descendants(of pid: pid_t) -> [pid_t] {
        let children = (try? String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)) ?? ""
        return children.split(separator: " ").compactMap { pid_t($0) }.flatMap { [$0] + descendants(of: $0) }
    }
}
