import Schemas

/// A repository of texts by their paths.
struct MemoryRepository: SchemaRepository {
    var name = "memory"
    var files: [String: String]

    func file(_ path: String) throws(SchemaError) -> [UInt8]? { files[path].map { Array($0.utf8) } }

    func names(in folder: String) throws(SchemaError) -> [String]? {
        let start = folder.isEmpty ? "" : folder + "/"
        let inside = files.keys.filter { $0.hasPrefix(start) }.map { $0.dropFirst(start.count) }
        return inside.isEmpty
            ? nil
            : Set(inside.map { path in path.firstIndex(of: "/").map { String(path[...$0]) } ?? String(path) }).sorted()
    }
}

extension SchemaNamespace {
    init(_ files: [String: String]) { self.init([MemoryRepository(files: files)]) }

    /// The schema `a/current.yaml`.
    func materialized(_ title: String = "a") throws(SchemaError) -> MaterializedSchema {
        try MaterializedSchema(try document(SchemaName(title: title, version: "current")), in: self)
    }

    func text(_ title: String = "a") throws(SchemaError) -> String {
        String(decoding: try materialized(title).text(.yaml), as: UTF8.self)
    }

    /// What is said against `a/current.yaml`.
    func refusal(_ title: String = "a") -> SchemaError? {
        do throws(SchemaError) {
            _ = try materialized(title)
            return nil
        } catch {
            return error
        }
    }
}
