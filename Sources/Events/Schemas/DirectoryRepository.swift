internal import Glibc
internal import System

/// A repository in a directory of this machine.
package struct DirectoryRepository: SchemaRepository {
    /// Its root, which holds the titles' folders.
    package let name: String
    /// Without links.
    private let root: String

    /// - Parameter directory: the root, or a directory that has it as `jsonschema`.
    /// - Throws: where there is no such directory.
    package init(_ directory: String) throws(SchemaError) {
        var directory = directory
        while directory.count > 1, directory.hasSuffix("/") { directory.removeLast() }
        let root = Self.isDirectory(directory + "/jsonschema") ? directory + "/jsonschema" : directory
        guard Self.isDirectory(root), let real = Directory.realPath(root) else {
            throw SchemaError(.notFound, directory, "", "there is no such directory of schemas")
        }
        name = root
        self.root = real
    }

    /// Makes the directory where it is missing.
    package init(making directory: String) throws(SchemaError) {
        try Self.makeFolders(Substring(directory))
        try self.init(directory)
    }

    package func file(_ path: String) throws(SchemaError) -> [UInt8]? {
        // A link may lead to a file within the repository alone.
        guard let real = Directory.realPath("\(root)/\(path)"), real.hasPrefix(root + "/") else { return nil }
        var status = stat()
        guard unsafe stat(real, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        guard status.st_size <= SchemaLimits.fileBytes else {
            throw SchemaError(.tooLarge, "\(name)/\(path)", "", "a schema has at most \(SchemaLimits.fileBytes) bytes")
        }
        do throws(FileError) {
            return try SmallFile.read(real)
        } catch {
            throw SchemaError(.unreadable, "\(name)/\(path)", "", "it can't be read: \(error)")
        }
    }

    package func names(in folder: String) throws(SchemaError) -> [String]? {
        guard let real = folder.isEmpty ? root : Directory.realPath("\(root)/\(folder)"),
            (real + "/").hasPrefix(root + "/")
        else { return nil }
        let names: [String]?
        do throws(FileError) {
            names = try Directory.names(in: real)
        } catch {
            throw SchemaError(.unreadable, "\(name)/\(folder)", "", "it can't be read: \(error)")
        }
        // A linked folder might lead around in a circle.
        return names?.map { name in
            Self.isDirectory("\(real)/\(name)") && link(of: "\(real)/\(name)") == nil ? name + "/" : name
        }.sorted()
    }

    /// Where a symbolic link leads, as it is written; nil: it is none.
    package func link(_ path: String) -> String? { link(of: "\(root)/\(path)") }

    private func link(of path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        // The path is written into the buffer before the call returns, without an end.
        let count = unsafe buffer.withUnsafeMutableBytes {
            guard let start = $0.baseAddress else { return -1 }
            return unsafe readlink(path, start.assumingMemoryBound(to: CChar.self), $0.count)
        }
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }

    // MARK: Writing

    /// Writes a file of it as a whole, and makes the folders that it needs.
    package func write(_ bytes: [UInt8], to path: String) throws(SchemaError) {
        try makeFolder(of: path)
        do throws(FileError) {
            try SmallFile.replace("\(root)/\(path)", with: bytes)
        } catch {
            throw SchemaError(.unreadable, "\(name)/\(path)", "", "it can't be written: \(error)")
        }
    }

    /// Makes a symbolic link, in the place of one that is there.
    package func makeLink(_ path: String, to target: String) throws(SchemaError) {
        try makeFolder(of: path)
        let full = "\(root)/\(path)"
        _ = unsafe unlink(full)
        guard unsafe symlink(target, full) == 0 else {
            throw SchemaError(.unreadable, "\(name)/\(path)", "", "no link can be made: \(FileError("symlink", errno))")
        }
    }

    private func makeFolder(of path: String) throws(SchemaError) {
        let folder = path.split(separator: "/").dropLast().joined(separator: "/")
        try Self.makeFolders("\(root)/\(folder)")
    }

    private static func makeFolders(_ path: some StringProtocol) throws(SchemaError) {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/" + part
            guard unsafe mkdir(made, 0o755) == 0 || errno == EEXIST else {
                throw SchemaError(.unreadable, made, "", "the folder can't be made: \(FileError("mkdir", errno))")
            }
        }
    }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
