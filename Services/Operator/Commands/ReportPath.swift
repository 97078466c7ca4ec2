import ArgumentParser
import Foundation

/// A file that a report goes to, once what it is about is over: it is too late then to find out that it cannot be written.
struct ReportPath: ExpressibleByArgument {
    let path: String

    init?(argument: String) {
        path = argument
    }

    /// - Parameter option: as the command line has it.
    /// - Throws: where its folder is not there, or takes no file.
    func validate(_ option: String) throws {
        let folder = URL(filePath: path).deletingLastPathComponent().path
        var isFolder: ObjCBool = false
        let isThere = FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) && isFolder.boolValue
        guard isThere, FileManager.default.isWritableFile(atPath: folder) else {
            throw ValidationError("\(option): \(folder) is no folder that files can be written to")
        }
        guard !FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) || !isFolder.boolValue else {
            throw ValidationError("\(option): \(path) is a folder")
        }
    }

    func write(_ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
    }
}
