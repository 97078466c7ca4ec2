import ArgumentParser
import Foundation
import Models
import Tokens

/// `playhead token`
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Makes keys and tokens for development.",
        discussion: """
            In production the members' identity provider signs tokens, and PLAYHEAD_JWKS_FILE has its public keys. Whoever can read a \
            signing key of these can be anybody.
            """, subcommands: [TokenKeysCommand.self, TokenSignCommand.self])
}

/// `playhead token keys`
struct TokenKeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Makes a key pair: signing-key.pem for playhead token sign, jwks.json for PLAYHEAD_JWKS_FILE.",
        discussion: "Where the folder has them already, they stay.")

    @Argument(help: "The folder; it is made if it is missing.")
    var folder: String

    func run() async throws {
        let place = TokenFolder(path: folder)
        print(
            try place.makeKeys()
                ? "made \(place.signingKey) and \(place.keySet)" : "\(place.signingKey) and \(place.keySet) are there already")
    }
}

/// `playhead token sign`
struct TokenSignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign", abstract: "Prints a token.",
        discussion: "Scopes: \(TokenScope.allCases.map(\.rawValue).joined(separator: ", ")).")

    @Option(help: "The folder of playhead token keys.")
    var keys: String

    @Option(help: "The member that the token stands for: its sub.")
    var member: String?

    @Option(help: "A scope; may be given several times.")
    var scope: [TokenScope] = []

    @Option(help: ArgumentHelp("How long it is good.", valueName: "hours"))
    var hours = 24.0

    @Option(help: "Its aud, where PLAYHEAD_JWT_AUDIENCE asks for one.")
    var audience: String?

    @Option(help: "Its iss, where PLAYHEAD_JWT_ISSUER asks for one.")
    var issuer: String?

    func validate() throws {
        guard member != nil || !scope.isEmpty else { throw ValidationError("give --member, --scope, or both: else it grants nothing") }
        guard hours > 0, hours <= 24 * 366 else { throw ValidationError("--hours must be above 0 and at most 8784, not \(hours)") }
        if let member { try EventLimits.validate(id: member, "--member") }
    }

    func run() async throws {
        let token = AccessToken(
            member: member.map { OpaqueID($0) }, scopes: scope, issuer: issuer, audience: audience, expiresAt: .now + hours * 3600)
        print(try await TokenFolder(path: keys).issuer().sign(token))
    }
}

extension TokenScope: ExpressibleByArgument {}
