internal import Glibc

/// A directory of a test's own, removed with everything in it.
public struct TemporaryDirectory: ~Copyable, Sendable {
    public let path: String

    public init() {
        path = Self.make()
    }

    deinit {
        Self.remove(path)
    }

    /// What is in it, in order.
    public var names: [String] { Self.names(path).sorted() }

    /// A new one, which somebody else removes.
    public static func make() -> String {
        var template = Array("/tmp/eventstreams-tests-XXXXXX".utf8CString)
        // The buffer is valid within the closure, null-terminated, and written to in place.
        let path = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) }.map { unsafe String(cString: $0) } ?? ""
        }
        precondition(!path.isEmpty, "no temporary directory could be made")
        return path
    }

    private static func remove(_ path: String) {
        for name in names(path) {
            let entry = "\(path)/\(name)"
            if unsafe unlink(entry) != 0 { remove(entry) }
        }
        unsafe rmdir(path)
    }

    private static func names(_ path: String) -> [String] {
        guard let directory = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            // d_name is null-terminated and valid until the next readdir.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
