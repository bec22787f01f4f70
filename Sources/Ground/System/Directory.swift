internal import Glibc

/// Directories, and paths without links.
public enum Directory {
    /// The names in a directory that don't begin with a dot, in no order. Nil: there is no such directory.
    public static func names(in path: String) throws(FileError) -> [String]? {
        guard let handle = unsafe opendir(path) else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw FileError("opendir", errno)
        }
        defer { unsafe closedir(handle) }
        var names: [String] = []
        while let entry = unsafe readdir(handle) {
            // The name is terminated within the entry, which lives until the next readdir.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    /// The path without links. Nil: there is nothing.
    public static func realPath(_ path: String) -> String? {
        // The result is the caller's to free, and is copied before that.
        guard let result = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(result) }
        return unsafe String(cString: result)
    }
}
