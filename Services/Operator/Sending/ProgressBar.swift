/// A bar that fills while work is done. Pure.
struct ProgressBar {
    private static let width = 30

    let total: Int
    let unit: String

    /// - Parameter seconds: since the work began.
    func text(done: Int, seconds: Double) -> String {
        let fraction = total == 0 ? 1 : Double(done) / Double(total)
        let filled = Int(fraction * Double(Self.width))
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Self.width - filled)
        return "\(bar) \(Int(fraction * 100)) %  \(done) of \(total) \(unit), \(Int(Double(done) / max(seconds, 0.001)))/s"
    }
}
