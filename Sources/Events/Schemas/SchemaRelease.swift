internal import JSON

/// Makes versions of schemas from their `current.yaml`: the files of a version, and the links to it.
package struct SchemaRelease {
    private let repository: DirectoryRepository
    private let documents: SchemaNamespace
    private let configuration: RepositoryConfiguration

    /// - Parameter documents: where references are looked for.
    package init(
        _ repository: DirectoryRepository, in documents: SchemaNamespace,
        configuration: RepositoryConfiguration = .init()
    ) {
        self.repository = repository
        self.documents = documents
        self.configuration = configuration
    }

    package enum Outcome: Hashable, Sendable {
        /// The files were written, their paths from the root.
        case written([String])
        /// They were all there.
        case unchanged
    }

    /// - Parameter isForced: writes over a version that is there and says something else. Somebody may use it already.
    package func make(_ title: String, isForced: Bool = false) throws(SchemaError) -> Outcome {
        let current = try SchemaNamespace([repository]).document(SchemaName(title: title, version: "current"))
        guard current.title == title else {
            let message = "the title is \(current.title ?? "missing"), but the folder is \(title): they must be equal"
            throw SchemaError(.invalid, current.path, "/title", message)
        }
        let schema = try MaterializedSchema(current, in: documents, options: configuration.materializing)
        guard let version = schema.version, schema.value["$id"]?.string == "/\(title)/\(version)" else {
            let message = "$id must be /\(title)/ and a version such as 1.0.0"
            throw SchemaError(.invalid, current.path, "/$id", message)
        }
        var written: [String] = []
        for form in configuration.forms {
            let path = "\(title)/\(version).\(form.ending)"
            let text = schema.text(form)
            let present = try repository.file(path)
            if present == text { continue }
            if let present, !isForced {
                let old = try? SchemaDocument(
                    name: SchemaName(title: title, version: "\(version)"), path: path, bytes: present)
                // Only written another way.
                if old?.value == schema.value { continue }
                throw SchemaError(
                    .conflict, "\(repository.name)/\(path)", "",
                    "it is there already and says something else: a version never changes. Give $id in current.yaml a new "
                        + "version, or write over it (--force) if nobody has it yet")
            }
            try repository.write(text, to: path)
            written.append(path)
        }
        written += try link(title, version)
        return written.isEmpty ? .unchanged : .written(written)
    }

    private func link(_ title: String, _ version: SemanticVersion) throws(SchemaError) -> [String] {
        let first = configuration.forms.first ?? .yaml
        var links: [(path: String, target: String)] = []
        if configuration.linksExtensionless { links.append(("\(title)/\(version)", "\(version).\(first.ending)")) }
        // `latest` never goes back.
        let newest = try SchemaNamespace([repository]).versions(of: title).last ?? version
        if configuration.linksLatest, version >= newest {
            if configuration.linksExtensionless { links.append(("\(title)/latest", "\(version)")) }
            for form in configuration.forms {
                links.append(("\(title)/latest.\(form.ending)", "\(version).\(form.ending)"))
            }
        }
        var made: [String] = []
        for link in links where repository.link(link.path) != link.target {
            try repository.makeLink(link.path, to: link.target)
            made.append(link.path)
        }
        return made
    }
}
