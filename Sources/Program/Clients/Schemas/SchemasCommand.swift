internal import Schemas

/// `eventstreams schemas`: keeps a repository of schemas. It does what it is told at once and returns what is to be shown.
package struct SchemasCommand {
    /// What goes to standard output and error, and the exit status.
    package struct Report: Hashable, Sendable {
        package var output = ""
        package var errors = ""
        /// 1: something is wrong with the schemas; 2: with the command.
        package var status: Int32 = 0

        fileprivate static func wrongUse(_ message: String) -> Report {
            Report(errors: "eventstreams: \(message)\nTry 'eventstreams schemas --help'.\n", status: 2)
        }
    }

    package struct Options: Sendable {
        /// Directories of further repositories that references are looked for in.
        package var bases: [String] = []
        /// Where `new` and `materialize` work.
        package var directory = "."
        /// Names of tests.
        package var skipped: [String] = []
        package var isForced = false
        package var isJSON = false

        package init() {}
    }

    private let options: Options

    package init(_ options: Options = Options()) {
        self.options = options
    }

    /// - Parameters:
    ///   - action: `check`, `materialize`, `dereference`, `diff`, `validate` or `new`.
    package func run(_ action: String, _ arguments: [String]) -> Report {
        do throws(SchemaError) {
            switch (action, arguments.count) {
            case ("check", 0...1): return try check(arguments.first ?? options.directory)
            case ("materialize", _): return try materialize(arguments)
            case ("dereference", 1): return try dereference(arguments[0])
            case ("diff", 2): return try compare(arguments[0], arguments[1])
            case ("new", 1): return try begin(arguments[0])
            case ("validate", 1...2): return validate(arguments[0], arguments.dropFirst().first)
            case ("check", _): return .wrongUse("schemas check takes one directory")
            case ("dereference", _): return .wrongUse("schemas dereference takes one file")
            case ("diff", _): return .wrongUse("schemas diff takes two files, the older first")
            case ("validate", _): return .wrongUse("schemas validate takes the file of a schema and one of events")
            case ("new", _): return .wrongUse("schemas new takes one title, such as shop/order")
            default:
                return .wrongUse(
                    "there is no schemas \(action); it takes check, materialize, dereference, diff, validate or new")
            }
        } catch {
            return Report(errors: "eventstreams: \(error)\n", status: 1)
        }
    }

    private func check(_ directory: String) throws(SchemaError) -> Report {
        var skipped: Set<SchemaTest> = []
        for name in options.skipped {
            guard let test = SchemaTest(rawValue: name) else {
                let names = SchemaTest.allCases.map(\.rawValue).joined(separator: ", ")
                return .wrongUse("there is no test \(name); the tests are \(names)")
            }
            skipped.insert(test)
        }
        let place = try SchemaWorkplace(directory, bases: options.bases)
        let found = try RepositoryCheck(
            place.repository, in: place.documents, configuration: place.configuration, skipping: skipped
        ).run()
        var report = Report()
        for problem in found.problems { report.errors += "\(problem)\n" }
        for test in SchemaTest.allCases where found.problems.contains(where: { $0.test == test }) {
            report.errors += "\n\(test.rawValue): \(test.demand)"
        }
        let what = "\(found.versions) versions of \(found.titles) schemas"
        let passedOver =
            found.passedOver > 0 ? " (\(found.passedOver) problems are passed over by the configuration)" : ""
        if found.problems.isEmpty {
            report.output = "All is right with \(what)\(passedOver).\n"
        } else {
            report.errors += "\n\n\(found.problems.count) problems in \(what)\(passedOver).\n"
            report.status = 1
        }
        return report
    }

    private func materialize(_ titles: [String]) throws(SchemaError) -> Report {
        let place = try SchemaWorkplace(options.directory, bases: options.bases)
        let release = SchemaRelease(place.repository, in: place.documents, configuration: place.configuration)
        let all = try SchemaNamespace([place.repository]).titles()
        var report = Report()
        for title in titles.isEmpty ? all : titles {
            do throws(SchemaError) {
                if titles.isEmpty, try place.repository.file("\(title)/current.yaml") == nil { continue }
                switch try release.make(title, isForced: options.isForced) {
                case .unchanged: break
                case .written(let paths): for path in paths { report.output += "\(place.repository.name)/\(path)\n" }
                }
            } catch {
                report.errors += "eventstreams: \(error)\n"
                report.status = 1
            }
        }
        return report
    }

    private func dereference(_ file: String) throws(SchemaError) -> Report {
        let (document, place) = try SchemaWorkplace.file(file, bases: options.bases)
        let value = try MaterializedSchema.dereferenced(document, in: place.documents)
        return Report(
            output: String(decoding: MaterializedSchema.text(of: value, options.isJSON ? .json : .yaml), as: UTF8.self))
    }

    private func validate(_ schema: String, _ events: String?) -> Report {
        do throws(SchemaValidation.Failure) {
            let validation = try SchemaValidation(schema, bases: options.bases)
            guard let events else { return Report(output: "Events can be held against it.\n") }
            let found = try validation.faults(in: events, asJSON: options.isJSON)
            var report = Report(output: found.text, status: found.wrong > 0 ? 1 : 0)
            if !options.isJSON { report.output += "\(found.wrong) of \(found.events) events don't follow it.\n" }
            return report
        } catch {
            return Report(errors: "eventstreams: \(error.message)\n", status: 2)
        }
    }

    private func compare(_ old: String, _ new: String) throws(SchemaError) -> Report {
        func read(_ path: String) throws(SchemaError) -> MaterializedSchema {
            let (document, place) = try SchemaWorkplace.file(path, bases: options.bases)
            return try MaterializedSchema(document, in: place.documents, options: place.configuration.materializing)
        }
        let (before, after) = (try read(old), try read(new))
        let changes = SchemaDifference.all(from: before.value, to: after.value)
        var report = Report()
        for (isBreaking, headline) in [(true, "Breaks:"), (false, "Fits:")] {
            let some = changes.filter { $0.breaks == isBreaking }
            guard !some.isEmpty else { continue }
            report.output += headline + "\n"
            for change in some {
                report.output += "  \(change.field.isEmpty ? "(the event)" : change.field): \(change.words)\n"
            }
        }
        guard !changes.isEmpty else {
            return Report(output: "Nothing changes for producers and consumers.\n")
        }
        if changes.contains(where: \.breaks) {
            let isAllowed = (before.version?.major ?? 0) < (after.version?.major ?? 0)
            report.output +=
                isAllowed
                ? "The major number is another, so this may be.\n"
                : "A change that breaks needs the next major number, \((before.version?.major ?? 0) + 1).0.0.\n"
            report.status = isAllowed ? 0 : 1
        }
        return report
    }

    private func begin(_ title: String) throws(SchemaError) -> Report {
        guard SchemaName.isTitle(title) else {
            return .wrongUse(
                "\(title) can't be a title: use words of small letters, digits and _ between slashes, such as shop/order"
            )
        }
        let place = try SchemaWorkplace(options.directory, bases: options.bases)
        let path = "\(title)/current.yaml"
        guard try place.repository.file(path) == nil else {
            throw SchemaError(.conflict, "\(place.repository.name)/\(path)", "", "it is there already")
        }
        let common = try place.documents.versions(of: "fragment/common").last.map { "/fragment/common/\($0)" }
        try place.repository.write(Array(SchemaSkeleton.text(title: title, common: common).utf8), to: path)
        return Report(
            output: """
                \(place.repository.name)/\(path)
                Fill it in, then make its first version with `eventstreams schemas materialize`.

                """)
    }
}
