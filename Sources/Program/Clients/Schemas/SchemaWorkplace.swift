internal import Schemas
internal import System

/// A repository of schemas as its keeper has it: with its configuration, and with the repositories that it builds on.
struct SchemaWorkplace {
    let repository: DirectoryRepository
    /// Where references are looked for.
    let documents: SchemaNamespace
    let configuration: RepositoryConfiguration

    /// - Parameters:
    ///   - directory: has the repository, or has it as `jsonschema`, or names it in `.jsonschema-tools.yaml`.
    ///   - bases: directories of further repositories.
    init(_ directory: String, bases: [String] = []) throws(SchemaError) {
        let file = "\(directory)/\(RepositoryConfiguration.fileName)"
        configuration =
            try Self.read(file).map { (bytes) throws(SchemaError) in
                try RepositoryConfiguration(bytes, path: file)
            } ?? RepositoryConfiguration()
        func path(_ path: String) -> String { path.hasPrefix("/") ? path : "\(directory)/\(path)" }
        repository = try DirectoryRepository(configuration.basePath.map(path) ?? directory)
        var repositories: [any SchemaRepository] = [repository]
        for base in bases + configuration.baseURIs.filter({ !$0.contains("://") }).map(path) {
            let other = try DirectoryRepository(base)
            if other.name != repository.name { repositories.append(other) }
        }
        documents = SchemaNamespace(repositories)
    }

    /// A file of a repository. Which repository that is, the file's title tells: it is the path of its folder.
    static func file(_ path: String, bases: [String]) throws(SchemaError) -> (SchemaDocument, SchemaWorkplace) {
        guard let bytes = try read(path) else { throw SchemaError(.notFound, path, "", "there is no such file") }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).filter { $0 != "." }
        var document = try SchemaDocument(
            name: SchemaName(title: "schema", version: "current"), path: path, bytes: bytes)
        let title = (document.title ?? "").split(separator: "/")
        guard !title.isEmpty, parts.dropLast().suffix(title.count).elementsEqual(title),
            let name = SchemaName(parts.suffix(title.count + 1).joined(separator: "/"))
        else {
            throw SchemaError(
                .invalid, path, "/title",
                "the title must be the path of the file's folder within the repository; name the file from there on, such as "
                    + "jsonschema/shop/order/current.yaml")
        }
        let root = parts.dropLast(title.count + 1).joined(separator: "/")
        document.name = name
        let directory = root.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : root
        // The configuration stands beside the folder `jsonschema`.
        let keeper = directory.hasSuffix("/jsonschema") ? String(directory.dropLast("/jsonschema".count)) : directory
        return (document, try SchemaWorkplace(directory == "jsonschema" ? "." : keeper, bases: bases))
    }

    /// Nil: there is no such file.
    private static func read(_ path: String) throws(SchemaError) -> [UInt8]? {
        do throws(FileError) {
            return try SmallFile.read(path)
        } catch {
            throw SchemaError(.unreadable, path, "", "it can't be read: \(error)")
        }
    }
}
