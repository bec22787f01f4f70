internal import CLinux
internal import EventLog
internal import Glibc

/// Whether the log's files are still those that were opened.
///
/// A removed file lives on as long as somebody has it open: SQLite would go on writing into it, and everything would be
/// gone with the process. So before each commit the files are asked whether they have a name and the directory whether it was
/// moved, and now and then the paths are looked up, which must lead to the files that were there at the start.
final class FileWatch {
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

    private struct File {
        var path: String
        var identity: Identity
        /// Of the file, whatever its path leads to now; below zero where there is none to be had.
        var descriptor: Int32
    }

    private let files: [File]
    /// Below zero where the system has no more of its kind: the paths tell, later.
    private let moves: Int32

    /// - Parameter names: files in the directory. One that is not there now is not looked for later.
    init(_ directory: String, _ names: [String]) {
        moves = unsafe linux_watch_moves(directory)
        files = names.compactMap { name in
            let path = "\(directory)/\(name)"
            return Identity(path).map { File(path: path, identity: $0, descriptor: unsafe linux_open_path(path)) }
        }
    }

    deinit {
        for file in files where file.descriptor >= 0 { close(file.descriptor) }
        if moves >= 0 { close(moves) }
    }

    /// Whether no file was removed or replaced, nor the directory moved since this was last asked. One that was moved with a
    /// directory above still has its name there, which only `check` tells. It looks up no path and asks for no times, so that it
    /// costs a commit next to nothing.
    var areInPlace: Bool {
        (moves < 0 || linux_was_moved(moves) == 0) && files.allSatisfy { linux_link_count($0.descriptor) > 0 }
    }

    /// Throws `unavailable` where a file was removed, moved or replaced: nothing that is written now would be found again.
    func check() throws(LogError) {
        for file in files {
            let identity = Identity(file.path)
            guard identity != file.identity else { continue }
            throw .unavailable(
                "\(file.path) was \(identity == nil ? "removed or moved away" : "replaced") while the log was open, and what "
                    + "is appended now would be lost; put it back, or restart the server")
        }
    }
}
