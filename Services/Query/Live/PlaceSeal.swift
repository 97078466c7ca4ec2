import Crypto
import EventStream
import Foundation
import Models

/// Makes a place in the change feed unreadable to the follower who is to come back to it: as it is, it would tell when others of the same
/// partition watched last.
struct PlaceSeal: Sendable {
    private let key: SymmetricKey
    private let member: Data

    /// - Parameters:
    ///   - secret: one for all replicas of the service.
    ///   - member: whose places these are; another's are not taken.
    init(secret: [UInt8], member: OpaqueID) {
        key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: secret), info: Data("playhead live place".utf8), outputByteCount: 32)
        self.member = Data(member.text.utf8)
    }

    /// - Returns: base64url of nonce, ciphertext and tag.
    func seal(_ place: FeedPosition) -> String {
        // Fails for data of more than 64 GiB only.
        guard let box = try? ChaChaPoly.seal(Data(place.description.utf8), using: key, authenticating: member) else { return "" }
        return box.combined.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// - Returns: nil for what was not sealed for this member here.
    func open(_ text: String) -> FeedPosition? {
        let base64 = text.replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - base64.count % 4) % 4)
        guard let data = Data(base64Encoded: base64 + padding), let box = try? ChaChaPoly.SealedBox(combined: data),
            let place = try? ChaChaPoly.open(box, using: key, authenticating: member)
        else { return nil }
        return FeedPosition(String(decoding: place, as: UTF8.self))
    }
}
