internal import JSON

/// The tests of a repository: its structure, the robustness of each schema, and whether the versions of each fit one another.
package struct RepositoryCheck {
    private let repository: DirectoryRepository
    private let documents: SchemaNamespace
    private let configuration: RepositoryConfiguration
    private let skipped: Set<SchemaTest>

    /// - Parameters:
    ///   - documents: where references are looked for: the repository and those that it builds on.
    ///   - skipped: for all schemas.
    package init(
        _ repository: DirectoryRepository, in documents: SchemaNamespace,
        configuration: RepositoryConfiguration = .init(),
        skipping skipped: Set<SchemaTest> = []
    ) {
        self.repository = repository
        self.documents = documents
        self.configuration = configuration
        self.skipped = skipped
    }

    package struct Report: Hashable, Sendable {
        package var titles = 0
        package var versions = 0
        /// Sorted by file.
        package var problems: [SchemaProblem] = []
        /// Problems that are there but that the configuration says to pass over.
        package var passedOver = 0
    }

    /// - Throws: when the repository itself can't be read.
    package func run() throws(SchemaError) -> Report {
        var report = Report()
        for title in try SchemaNamespace([repository]).titles() where !configuration.ignores(title) {
            report.titles += 1
            try check(title, &report)
        }
        return report
    }

    /// A version's file, read.
    private struct Version {
        var number: SemanticVersion
        var document: SchemaDocument
    }

    private func check(_ title: String, _ report: inout Report) throws(SchemaError) {
        let names = try repository.names(in: title) ?? []
        var found: [SchemaProblem] = []
        var versions: [Version] = []
        for number in Set(names.compactMap { SchemaName("\(title)/\($0)")?.number }).sorted() {
            do throws(SchemaError) {
                let name = SchemaName(title: title, version: "\(number)", form: nil)
                versions.append(Version(number: number, document: try SchemaNamespace([repository]).document(name)))
            } catch {
                found.append(SchemaProblem(.isValid, error))
            }
        }
        report.versions += versions.count
        for version in versions { found += checkIdentity(version.document, title, version: "\(version.number)") }
        found += checkCurrent(title, names, newest: versions.last)
        found += checkFiles(title, names, versions)
        for version in versions {
            found +=
                RobustnessCheck(
                    version.document.value, document: version.document.path,
                    enforcesNumericBounds: configuration.materializing.enforcesNumericBounds
                ).problems
        }
        for (old, new) in zip(versions, versions.dropFirst()) where old.number.major == new.number.major {
            for change in SchemaDifference.all(from: old.document.value, to: new.document.value) where change.breaks {
                let field = change.field.isEmpty ? "" : "\(change.field): "
                let message = "\(field)\(change.words), and \(old.number) promised otherwise"
                found.append(
                    SchemaProblem(.compatibility, SchemaError(.invalid, new.document.path, change.pointer, message)))
            }
        }
        for problem in found where !skipped.contains(problem.test) {
            if configuration.skips(problem.test, identifier: identifier(of: problem, title)) {
                report.passedOver += 1
            } else {
                report.problems.append(problem)
            }
        }
    }

    /// `$id` of the schema that a problem is about.
    private func identifier(of problem: SchemaProblem, _ title: String) -> String {
        let file = problem.error.document.split(separator: "/").last ?? ""
        let version = SchemaForm.allCases.reduce(String(file)) { name, form in
            name.hasSuffix("." + form.ending) ? String(name.dropLast(form.ending.count + 1)) : name
        }
        return "/\(title)/\(version)"
    }

    // MARK: Structure

    private func checkIdentity(_ document: SchemaDocument, _ title: String, version: String) -> [SchemaProblem] {
        var found: [SchemaProblem] = []
        if document.title != title {
            let message = "the title is \(document.title ?? "missing"), but the folder is \(title): they must be equal"
            found.append(SchemaProblem(.titleMatchesPath, SchemaError(.invalid, document.path, "/title", message)))
        }
        if document.identifier != "/\(title)/\(version)" {
            let message =
                "$id is \(document.identifier ?? "missing"); by the file's path it must be /\(title)/\(version)"
            found.append(SchemaProblem(.identifierMatchesPath, SchemaError(.invalid, document.path, "/$id", message)))
        }
        return found
    }

    private func checkCurrent(_ title: String, _ names: [String], newest: Version?) -> [SchemaProblem] {
        let folder = "\(repository.name)/\(title)"
        var found: [SchemaProblem] = []
        func add(_ test: SchemaTest, _ file: String, _ message: String) {
            found.append(SchemaProblem(test, SchemaError(.invalid, "\(folder)/\(file)", "", message)))
        }
        if names.contains("current") {
            add(.currentExists, "current", "remove it: nobody is to use what is not released")
        }
        let current: SchemaDocument
        do throws(SchemaError) {
            current = try SchemaNamespace([repository]).document(SchemaName(title: title, version: "current"))
        } catch {
            let message =
                error.kind == .notFound ? "there is no current.yaml, which new versions are made from" : error.message
            found.append(SchemaProblem(.currentExists, SchemaError(error.kind, "\(folder)/current.yaml", "", message)))
            return found
        }
        if current.title != title {
            found += checkIdentity(current, title, version: "").filter { $0.test == .titleMatchesPath }
        }
        do throws(SchemaError) {
            let schema = try MaterializedSchema(current, in: documents, options: configuration.materializing)
            guard let version = schema.version else {
                add(.identifierMatchesPath, "current.yaml", "$id must end with a version such as 1.0.0")
                return found
            }
            guard let newest else {
                add(
                    .newestEqualsCurrent, "current.yaml",
                    "\(version) is not there: run `eventstreams schemas materialize`")
                return found
            }
            if version != newest.number {
                add(
                    .newestEqualsCurrent, "current.yaml",
                    "it is \(version), but the newest file is \(newest.number): run `eventstreams schemas materialize`")
            } else if schema.value != SchemaOrder.sorted(newest.document.value) {
                let first = SchemaDifference.all(from: newest.document.value, to: schema.value).first
                let what = first.map { " (\($0.field.isEmpty ? "" : $0.field + ": ")\($0.words))" } ?? ""
                add(
                    .newestEqualsCurrent, "\(version).yaml",
                    "it is not what current.yaml makes\(what): give current.yaml a new version, or undo the change")
            }
        } catch {
            found.append(SchemaProblem(.newestEqualsCurrent, error))
        }
        return found
    }

    /// The files beside each version: other forms of it, and links.
    private func checkFiles(_ title: String, _ names: [String], _ versions: [Version]) -> [SchemaProblem] {
        var found: [SchemaProblem] = []
        func add(_ test: SchemaTest, _ file: String, _ message: String) {
            found.append(SchemaProblem(test, SchemaError(.invalid, "\(repository.name)/\(title)/\(file)", "", message)))
        }
        func checkLink(_ test: SchemaTest, _ file: String, to target: String) {
            let present = repository.link("\(title)/\(file)")
            let isRight = present == target || target.hasSuffix(".yaml") && present == String(target.dropLast(5))
            if !isRight {
                add(
                    test, file,
                    present.map { "it leads to \($0), not to \(target)" } ?? "the link to \(target) is missing")
            }
        }
        let form = configuration.forms.first ?? .yaml
        for version in versions {
            for form in configuration.forms {
                let name = SchemaName(title: title, version: "\(version.number)", form: form)
                do throws(SchemaError) {
                    let document = try SchemaNamespace([repository]).document(name)
                    if document.value != version.document.value {
                        add(
                            .contentTypes, "\(version.number).\(form.ending)",
                            "it says something else than \(version.document.path)")
                    }
                } catch {
                    add(
                        .contentTypes, "\(version.number).\(form.ending)",
                        error.kind == .notFound ? "it is missing" : error.message)
                }
            }
            if configuration.linksExtensionless {
                checkLink(.extensionlessLink, "\(version.number)", to: "\(version.number).\(form.ending)")
            }
        }
        if let newest = versions.last?.number, configuration.linksLatest {
            if configuration.linksExtensionless { checkLink(.latestLink, "latest", to: "\(newest)") }
            for form in configuration.forms {
                checkLink(.latestLink, "latest.\(form.ending)", to: "\(newest).\(form.ending)")
            }
        }
        return found
    }
}
