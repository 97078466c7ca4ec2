import ServiceKit

extension Readiness {
    /// Whether what is taken now can be written: the schema is there, PostgreSQL answers, and it does not refuse too much.
    var isWorking: Bool {
        !current.keys.contains { $0 == "schema" || $0 == PoisonBreaker.part || $0.hasPrefix("postgres") }
    }
}
