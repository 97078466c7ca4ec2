/// Finds the few items that make a whole be refused. Pure: what is tried, and where, is the caller's.
public enum Bisection {
    /// Tries all items at once, and what is refused in halves, down to single items. Items that are not refused have been tried
    /// successfully once when it returns, in an order that keeps neighbours together.
    ///
    /// With k offenders among n items it takes at most about 2·k·log₂ n attempts.
    /// - Parameter attempt: returns why the items are refused, nil where they are not.
    /// - Returns: the items that are refused alone.
    /// - Throws: what `attempt` throws.
    public static func offenders<Item, Refusal, Failure: Error>(
        in items: ArraySlice<Item>, attempt: (ArraySlice<Item>) async throws(Failure) -> Refusal?
    ) async throws(Failure) -> [(item: Item, refusal: Refusal)] {
        guard let only = items.first, let refusal = try await attempt(items) else { return [] }
        if items.count == 1 { return [(only, refusal)] }
        let middle = items.startIndex + items.count / 2
        return try await offenders(in: items[..<middle], attempt: attempt) + offenders(in: items[middle...], attempt: attempt)
    }
}
