import Models
import Oracle

/// The titles that simulated viewers choose from: films, series and live channels. A title's properties follow from its rank alone.
struct CatalogueTitle: Sendable, Hashable {
    /// Of popularity, from 0.
    let rank: Int
    /// 1 for what is no series.
    let episodes: Int
    /// Of the film or of each episode; nil for a live channel, which has no end.
    let runtimeMs: Int64?

    init(rank: Int) {
        self.rank = rank
        var random = SeededGenerator(seed: StableHash.fnv1a(purpose: "title", String(rank)))
        switch random.fraction() {
        case ..<0.3:
            episodes = 1
            runtimeMs = random.integer(in: 80...150) * 60_000
        case ..<0.9:
            episodes = Int(random.integer(in: 6...60))
            runtimeMs = random.integer(in: 20...60) * 60_000
        default:
            episodes = 1
            runtimeMs = nil
        }
    }

    /// The `titleId` of an episode, from 0. Some ids have characters that need care in JSON, as ids are opaque.
    func id(episode: Int) -> String {
        let name = rank % 16 == 15 ? "t-\(rank) \"é\"\\" : "t-\(rank)"
        return episodes == 1 ? name : "\(name)-e\(episode + 1)"
    }
}
