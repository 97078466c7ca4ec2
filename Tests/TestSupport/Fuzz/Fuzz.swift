import Foundation
import Oracle

/// Many damaged inputs for something that parses bytes from outside, each made from a seed of its own.
public enum Fuzz {
    // An unoptimised build, such as that of the thread sanitizer, is slow, and one thread has no races.
    #if DEBUG
        public static let leastInputs = 1000
    #else
        public static let leastInputs = 100_000
    #endif
    /// Of a hundred inputs, those that must get past the outermost layer: else it alone would be tried.
    public static let leastPercent = 30

    /// What a run came to.
    public struct Report: Sendable {
        public fileprivate(set) var inputs = 0
        /// Those that the outer parse takes.
        public fileprivate(set) var passed = 0
        fileprivate var faults: [String] = []

        /// What is wrong with the parser, or with the inputs; empty where nothing is.
        public var complaints: [String] {
            guard !RandomSession.isRepeating, faults.isEmpty else { return faults }
            let isMany = inputs >= Fuzz.leastInputs && passed * 100 >= inputs * Fuzz.leastPercent
            return isMany ? [] : ["\(passed) of \(inputs) inputs pass the outer parse"]
        }
    }

    /// Every run draws new inputs, and tells their seeds beforehand: after a crash nobody could.
    /// - Parameter trial: makes an input and tries it. It returns whether the outer parse takes it, and throws ``Fault`` where
    ///   something does not hold that must.
    public static func run(_ name: String, trial: (inout SeededGenerator) throws -> Bool) async throws -> Report {
        let first = UInt64.random(in: 0...UInt64.max / 2)
        let last = first + UInt64(leastInputs) - 1
        let seeds = RandomSession.isRepeating ? try RandomSession.seeds(0) : Array(first...last)
        if !RandomSession.isRepeating { tell("\(name): TEST_SEED=\(first)-\(last)") }
        var report = Report()
        for seed in seeds {
            var random = SeededGenerator(seed: seed)
            do {
                if try trial(&random) { report.passed += 1 }
            } catch {
                report.faults.append("TEST_SEED=\(seed): \(error)")
                if report.faults.count == 3 { break }
            }
            report.inputs += 1
            // Other tests wait for the same threads.
            if report.inputs.isMultiple(of: 100) { await Task.yield() }
        }
        tell("\(name): \(report.passed) of \(report.inputs) inputs pass the outer parse")
        return report
    }

    /// On standard error, which is not buffered.
    private static func tell(_ line: String) {
        FileHandle.standardError.write(Data("fuzz: \(line)\n".utf8))
    }

    /// Something that must hold, and does not for one input.
    public struct Fault: Error, CustomStringConvertible {
        public let description: String

        /// - Parameter input: shown as text, what is no UTF-8 in it as U+FFFD.
        public init(_ description: String, input: some Sequence<UInt8> = []) {
            let text = String(decoding: Array(input), as: UTF8.self)
            self.description = text.isEmpty ? description : "\(description): \(text.debugDescription)"
        }
    }

    /// - Throws: ``Fault`` where the condition is false.
    public static func require(_ condition: Bool, _ rule: @autoclosure () -> String, in input: @autoclosure () -> [UInt8] = []) throws {
        guard condition else { throw Fault(rule(), input: input()) }
    }
}
