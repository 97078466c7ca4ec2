import ArgumentParser
import Foundation
import Tokens

/// Where `playhead token` keeps its keys.
struct TokenFolder {
    let path: String
    var signingKey: String { path + "/signing-key.pem" }
    var keySet: String { path + "/jwks.json" }

    /// - Returns: whether there were none.
    func makeKeys() throws -> Bool {
        guard !FileManager.default.fileExists(atPath: signingKey) else {
            // The public half follows from it, should it be missing.
            try write(issuer().keySet, to: keySet, mode: 0o644)
            return false
        }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let issuer = TokenIssuer()
        try write(Data(issuer.pem.utf8), to: signingKey, mode: 0o600)
        try write(issuer.keySet, to: keySet, mode: 0o644)
        return true
    }

    func issuer() throws -> TokenIssuer {
        guard let pem = FileManager.default.contents(atPath: signingKey) else {
            throw CommandFailure("cannot read \(signingKey): playhead token keys \(path) makes it")
        }
        return try TokenIssuer(pem: String(decoding: pem, as: UTF8.self))
    }

    private func write(_ content: Data, to path: String, mode: Int) throws {
        // With its mode from the beginning: nobody else may read a key even for a moment.
        let temporary = path + ".new"
        guard FileManager.default.createFile(atPath: temporary, contents: content, attributes: [.posixPermissions: mode]),
            rename(temporary, path) == 0
        else { throw CommandFailure("cannot write \(path)") }
    }
}
