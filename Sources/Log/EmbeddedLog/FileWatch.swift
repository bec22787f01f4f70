internal import EventLog
internal import Glibc

/// Whether the log's files are still those that were opened.
///
/// A removed file lives on as long as somebody has it open: SQLite would go on writing into it, and everything would be
/// gone with the process. So the paths are looked up now and then, and must lead to the files that were there at the start.
struct FileWatch {
    private struct Identity: Equatable {
        var device: UInt64
        var number: UInt64

        /// Nil where the path leads nowhere.
        init?(_ path: String) {
            var status = stat()
            guard unsafe stat(path, &status) == 0 else { return nil }
            device = UInt64(status.st_dev)
            number = UInt64(status.st_ino)
        }
    }

    private let directory: String
    private let files: [(name: String, identity: Identity)]

    /// - Parameter names: files in the directory. One that is not there now is not looked for later.
    init(_ directory: String, _ names: [String]) {
        self.directory = directory
        files = names.compactMap { name in Identity("\(directory)/\(name)").map { (name, $0) } }
    }

    /// Throws `unavailable` where a file was removed or replaced: nothing that is written now would be found again.
    func check() throws(LogError) {
        for file in files {
            let path = "\(directory)/\(file.name)"
            let identity = Identity(path)
            guard identity != file.identity else { continue }
            throw .unavailable(
                "\(path) was \(identity == nil ? "removed or moved away" : "replaced") while the log was open, and what is "
                    + "appended now would be lost; put it back, or restart the server")
        }
    }
}
