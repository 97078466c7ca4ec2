/// Why a command cannot do what it was rightly asked for. (`ValidationError` is for what was asked wrongly: it shows the usage.)
struct CommandFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
