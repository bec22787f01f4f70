import Configuration
import Foundation
import Testing

/// That what documents name is there: files, tests, settings, metrics.
@Suite struct DocumentReferenceTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

    /// Paths from the root of the files below these folders, and the text of each test.
    private static let tree: (paths: Set<String>, names: Set<String>, tests: [String: String]) = {
        var (paths, names, tests): (Set<String>, Set<String>, [String: String]) = ([], [], [:])
        for folder in ["Sources", "Tests", "Fuzz", "Benchmarks", "docs", "script", "config", "public", "Package.swift"]
        {
            let place = root.appending(path: folder)
            let found = FileManager.default.enumerator(atPath: place.path)?.compactMap { $0 as? String } ?? []
            for path in [""] + found where !path.contains(".venv") {
                let whole = path.isEmpty ? folder : "\(folder)/\(path)"
                let name = String(whole.split(separator: "/").last ?? "")
                paths.insert(whole)
                names.insert(name)
                guard folder == "Tests", name.hasSuffix(".swift") || name.hasSuffix(".py") else { continue }
                let text = (try? String(contentsOf: root.appending(path: whole), encoding: .utf8)) ?? ""
                tests[String(name.split(separator: ".")[0]), default: ""] += text
            }
        }
        return (paths, names, tests)
    }()

    private static let metrics: String = {
        let files = ["eventstreams/MetricsSnapshot.swift", "Telemetry/ProcessMetrics.swift"]
        return files.compactMap {
            try? String(contentsOf: root.appending(path: "Sources/Program/\($0)"), encoding: .utf8)
        }.joined()
    }()

    /// What is wrong with a name in a document; nil: nothing, or it is no name of anything here.
    private func mistake(_ word: String) -> String? {
        if let match = word.wholeMatch(of: /([A-Za-z0-9]+Tests)(?:\.([A-Za-z0-9]+))?/), word != "Tests" {
            guard let text = Self.tree.tests[String(match.1)] else { return "there is no such suite" }
            if let test = match.2, !text.contains("func \(test)(") { return "there is no such test" }
        } else if let match = word.wholeMatch(of: /(test_[a-z0-9_]+)\.py(?:::(test_[a-z0-9_]+))?/) {
            guard let text = Self.tree.tests[String(match.1)] else { return "there is no such file" }
            if let test = match.2, !text.contains("def \(test)(") { return "there is no such test" }
        } else if word.wholeMatch(of: /[A-Za-z0-9+]+\.swift/) != nil {
            if !Self.tree.names.contains(word) { return "there is no such file" }
        } else if word.wholeMatch(of: /(Sources|Tests|Fuzz|docs|script|config|public)\/[A-Za-z0-9+_.\/-]+/) != nil {
            if !Self.tree.paths.contains(word) { return "there is no such file" }
        } else if word.wholeMatch(of: /(eventstreams|process)_[a-z_]+/) != nil {
            if !Self.metrics.contains("\"\(word)\"") { return "there is no such metric" }
        } else if let match = word.wholeMatch(of: /([a-z]+)\.[a-z_]+/) {
            let groups = Set(Setting.all.map { $0.key.prefix { $0 != "." } })
            let isKnown = Setting.named(word) != nil || Setting.sections.contains { $0.key == word }
            if groups.contains(match.1), !isKnown { return "there is no such setting" }
        }
        return nil
    }

    @Test(arguments: [
        "docs/clients.md", "docs/threat-model.md", "docs/invariants.md", "docs/operating.md", "docs/kafka.md",
        "README.md",
    ])
    func whatADocumentNamesIsThere(document: String) throws {
        let text = try String(contentsOf: Self.root.appending(path: document), encoding: .utf8)
        for match in text.matches(of: /`([^`\n]+)`/) {
            let word = String(match.1)
            if let mistake = mistake(word) { Issue.record("\(document) names \(word): \(mistake)") }
        }
    }

    @Test func aNameOfNothingIsNoticed() {
        let wrong = [
            "NoSuchTests", "YAMLTests.noSuchTest", "test_none.py", "test_routes.py::test_none", "NoSuch.swift",
            "docs/none.md", "eventstreams_none_total", "http.prot",
        ]
        for word in wrong { #expect(mistake(word) != nil, "\(word)") }
        for word in [
            "YAMLTests.readsJSON", "YAML.swift", "docs/kafka.md", "http.port", "python.org", "kafka.properties",
        ] {
            #expect(mistake(word) == nil, "\(word)")
        }
    }
}
