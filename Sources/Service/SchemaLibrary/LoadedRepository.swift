package import Schemas

/// A repository as it was when it was read: all its files, in memory, so that nobody who asks for one waits for a disk.
package struct LoadedRepository: SchemaRepository, Hashable {
    package private(set) var name: String
    private var files: [String: [UInt8]] = [:]
    private var folders: [String: Set<String>] = ["": []]

    /// Bytes of all files of a repository.
    package static let bytesLimit = 256 << 20

    /// Reads a directory. `latest` and the names without endings, which are links there, are made up when they are asked for.
    init(_ directory: DirectoryRepository) throws(SchemaError) {
        name = directory.name
        var total = 0
        for title in try SchemaNamespace([directory]).titles() {
            for file in try directory.names(in: title) ?? [] {
                guard let schema = SchemaName("\(title)/\(file)"), schema.number != nil || schema.version == "current",
                    schema.form != nil, let bytes = try directory.file("\(title)/\(file)")
                else { continue }
                total += bytes.count
                guard total <= Self.bytesLimit else {
                    throw SchemaError(
                        .tooLarge, name, "", "a repository has at most \(Self.bytesLimit >> 20) MiB of schemas")
                }
                add(bytes, as: "\(title)/\(file)")
            }
        }
    }

    /// The same under another name.
    func named(_ name: String) -> LoadedRepository {
        var repository = self
        repository.name = name
        return repository
    }

    mutating func add(_ bytes: [UInt8], as path: String) {
        files[path] = bytes
        var folder = ""
        let parts = path.split(separator: "/")
        for (place, part) in parts.enumerated() {
            let isFile = place == parts.count - 1
            folders[folder, default: []].insert(isFile ? String(part) : part + "/")
            folder += (folder.isEmpty ? "" : "/") + part
        }
    }

    package func file(_ path: String) throws(SchemaError) -> [UInt8]? { files[path] }

    package func names(in folder: String) throws(SchemaError) -> [String]? { folders[folder]?.sorted() }
}
