internal import EventLog
internal import Glibc

/// The log's directory, held by one process at a time.
///
/// The lock is `flock` on the file `lock`: the system gives it back when the process ends, however it ends, and two
/// holders within one process exclude each other as well. The file holds the owner's process number for people to read.
final class DirectoryLock: Sendable {
    static let fileName = "lock"
    private let descriptor: Int32

    /// Makes the directory if it is missing, and takes it.
    init(_ directory: String) throws(LogError) {
        try Self.makeDirectory(directory)
        let path = "\(directory)/\(Self.fileName)"
        let descriptor = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else {
            throw .invalid(
                "the log's directory \(directory) can't be written (\(errorText(errno))); make it writable for this user, "
                    + "or name another directory")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let owner = Self.owner(descriptor)
            Glibc.close(descriptor)
            guard code == EWOULDBLOCK else {
                throw .invalid("the log's directory \(directory) can't be locked (\(errorText(code)))")
            }
            throw .invalid(
                "the log's directory \(directory) is in use by process \(owner); stop it, or name another directory")
        }
        self.descriptor = descriptor
        Self.write("\(getpid())\n", descriptor)
    }

    deinit {
        // Not left to `close`: a child that is just being spawned may have the descriptor, too, until it runs its program.
        flock(descriptor, LOCK_UN)
        Glibc.close(descriptor)
    }

    /// Makes the directory's entries (a database made just now) survive a power failure.
    static func sync(_ directory: String) {
        let descriptor = unsafe Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        // Some file systems refuse this for directories; there is nothing else to do then.
        fsync(descriptor)
        Glibc.close(descriptor)
    }

    private static func makeDirectory(_ directory: String) throws(LogError) {
        guard !directory.isEmpty else { throw .invalid("the log's directory has no name; give it one") }
        var isNew = false
        // Each parent in turn, as `mkdir -p`.
        var path = directory.hasPrefix("/") ? "/" : ""
        for component in directory.split(separator: "/") {
            let parent = path.isEmpty ? "." : path
            path += path.isEmpty || path.hasSuffix("/") ? String(component) : "/\(component)"
            if unsafe mkdir(path, 0o750) == 0 {
                isNew = true
                sync(parent)
            } else if errno != EEXIST {
                throw .invalid(
                    "the log's directory \(directory) can't be made: \(path): \(errorText(errno)); make it, or name "
                        + "another directory")
            }
        }
        var status = stat()
        guard unsafe stat(directory, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw .invalid("the log's directory \(directory) is not a directory; name another, or move what is there")
        }
        if isNew { sync(directory) }
    }

    private static func owner(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 20)
        // The buffer is valid within the closure.
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, $0.count, 0) }
        let digits = bytes.prefix(max(0, count)).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return digits.isEmpty ? "unknown" : String(decoding: digits, as: UTF8.self)
    }

    /// For people only, so a failure does not matter.
    private static func write(_ text: String, _ descriptor: Int32) {
        let bytes = Array(text.utf8)
        ftruncate(descriptor, 0)
        // The buffer is valid within the closure.
        _ = unsafe bytes.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }
}
