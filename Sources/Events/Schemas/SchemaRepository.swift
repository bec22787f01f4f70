/// A repository of schemas in the layout of Wikimedia's: `<title>/current.yaml`, `<title>/<version>.yaml`, and beside each version
/// names without an ending and `latest`, which may be missing here.
package protocol SchemaRepository: Sendable {
    /// For messages: its directory or address.
    var name: String { get }

    /// A file by its path below the root. Nil: there is none.
    ///
    /// - Throws: `unreadable`, or `tooLarge`.
    func file(_ path: String) throws(SchemaError) -> [UInt8]?

    /// The names in a folder, sorted; those of folders end with a slash. Nil: there is no such folder.
    func names(in folder: String) throws(SchemaError) -> [String]?
}

/// Several repositories as one: of two schemas with one name the first counts.
package struct SchemaNamespace: Sendable, SchemaDocuments {
    package let repositories: [any SchemaRepository]

    package init(_ repositories: [any SchemaRepository]) { self.repositories = repositories }

    package func document(_ name: SchemaName) throws(SchemaError) -> SchemaDocument {
        guard let found = try file(name) else {
            let places = repositories.map(\.name).joined(separator: ", ")
            throw SchemaError(.notFound, name.description, "", "there is no such schema in \(places)")
        }
        return try SchemaDocument(name: name, path: found.path, bytes: found.bytes)
    }

    /// A schema's file: the one that is asked for, or the form that the first repository has. `latest` is the newest version,
    /// whether or not there is a link of that name.
    package func file(_ name: SchemaName) throws(SchemaError) -> (path: String, form: SchemaForm, bytes: [UInt8])? {
        for repository in repositories {
            var version = name.version
            if version == "latest" {
                guard let newest = try Self.versions(of: name.title, in: repository).last else { continue }
                version = "\(newest)"
            }
            for form in name.form.map({ [$0] }) ?? SchemaForm.allCases {
                let path = "\(name.title)/\(version).\(form.ending)"
                if let bytes = try repository.file(path) { return ("\(repository.name)/\(path)", form, bytes) }
            }
            // A repository that was fetched may have the names without endings alone.
            guard name.form == nil else { continue }
            let path = "\(name.title)/\(version)"
            if let bytes = try repository.file(path) { return ("\(repository.name)/\(path)", .yaml, bytes) }
        }
        return nil
    }

    /// The versions of a title, of all repositories, oldest first.
    package func versions(of title: String) throws(SchemaError) -> [SemanticVersion] {
        var versions: Set<SemanticVersion> = []
        for repository in repositories { versions.formUnion(try Self.versions(of: title, in: repository)) }
        return versions.sorted()
    }

    private static func versions(
        of title: String, in repository: any SchemaRepository
    ) throws(SchemaError) -> [SemanticVersion] {
        let names = try repository.names(in: title) ?? []
        return Set(names.compactMap { name in SchemaName("\(title)/\(name)")?.number }).sorted()
    }

    /// All titles, sorted: every folder that has a version or a `current`.
    package func titles() throws(SchemaError) -> [String] {
        var titles: Set<String> = []
        for repository in repositories { try Self.collect(in: "", of: repository, depth: 0, into: &titles) }
        return titles.sorted()
    }

    private static func collect(
        in folder: String, of repository: any SchemaRepository, depth: Int, into titles: inout Set<String>
    ) throws(SchemaError) {
        guard depth <= SchemaLimits.folders, titles.count <= SchemaLimits.titles else {
            throw SchemaError(
                .tooLarge, "\(repository.name)/\(folder)", "",
                "a repository has at most \(SchemaLimits.titles) titles, and \(SchemaLimits.folders) folders within one another"
            )
        }
        for name in try repository.names(in: folder) ?? [] {
            let path = folder.isEmpty ? name : "\(folder)/\(name)"
            if name.hasSuffix("/") {
                try collect(in: String(path.dropLast()), of: repository, depth: depth + 1, into: &titles)
            } else if let schema = SchemaName(path), schema.number != nil || schema.version == "current" {
                titles.insert(schema.title)
            }
        }
    }
}
