import Models
import Wire

/// Divides sessions into chunks. Pure.
enum ChunkPieces {
    /// A page of history reads one or two chunks whole, so that they are smaller than they might be.
    static let targetBytes = 16 << 10
    /// Which no chunk is above: a single session takes less, whatever it is.
    static let maximalBytes = 64 << 10

    struct Piece {
        var sessions: [CompactedSession]
        var bytes: [UInt8]
    }

    /// - Parameter sessions: in the order of history.
    /// - Returns: the same, the oldest pieces as large as wanted, as the newest ones will still grow.
    static func divide(_ sessions: [CompactedSession], targetBytes: Int = targetBytes) -> [Piece] {
        var pieces: [Piece] = []
        var rest = sessions[...]
        // As many as fit if all are like those of the piece before.
        var guess = 256
        while !rest.isEmpty {
            let piece = oldest(of: rest, guess: guess, targetBytes)
            pieces.append(piece)
            rest = rest.dropLast(piece.sessions.count)
            guess = piece.sessions.count * 9 / 8 + 1
        }
        return pieces.reversed()
    }

    private static func oldest(of sessions: ArraySlice<CompactedSession>, guess: Int, _ targetBytes: Int) -> Piece {
        func piece(_ count: Int) -> Piece {
            let part = Array(sessions.suffix(count))
            return Piece(sessions: part, bytes: WireHistoryChunk.encode(part))
        }
        var found = piece(min(guess, sessions.count))
        // More while it is far from full, and then fewer until it fits.
        while found.sessions.count < sessions.count, found.bytes.count < targetBytes * 7 / 8 {
            let count = max(found.sessions.count + 1, found.sessions.count * targetBytes / found.bytes.count)
            found = piece(min(count, sessions.count))
        }
        while found.sessions.count > 1, found.bytes.count > targetBytes {
            found = piece(max(1, min(found.sessions.count * targetBytes / found.bytes.count, found.sessions.count - 1)))
        }
        return found
    }
}
