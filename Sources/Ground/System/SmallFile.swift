internal import Glibc

/// Files that are read and replaced as a whole.
public enum SmallFile {
    /// Nil: there is no file.
    public static func read(_ path: String) throws(FileError) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw FileError("open", errno)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while true {
            let piece = try Descriptor.read(descriptor)
            if piece.isEmpty { return bytes }
            bytes += piece
        }
    }

    /// Removes the file, if there is one.
    public static func remove(_ path: String) { _ = unsafe unlink(path) }

    /// Whoever reads the path sees the old bytes or the new ones, never a part; also after a crash.
    public static func replace(_ path: String, with bytes: [UInt8]) throws(FileError) {
        let next = path + ".next"
        let descriptor = unsafe open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileError("open", errno) }
        let isWritten = Descriptor.write(bytes, to: descriptor) && fsync(descriptor) == 0
        let number = errno
        close(descriptor)
        guard isWritten else {
            _ = unsafe unlink(next)
            throw FileError("write", number)
        }
        guard unsafe rename(next, path) == 0 else { throw FileError("rename", errno) }
    }
}
