internal import Bytes

/// The name of one version of a schema, as events have it in `$schema`: `/mediawiki/recentchange/1.0.0`.
///
/// It is a path below the root of a repository: the title, and after the last slash the version (`1.0.0`, `latest`,
/// `current`), with or without the ending of a file.
package struct SchemaName: Hashable, Sendable, CustomStringConvertible {
    /// `mediawiki/recentchange`.
    package var title: String
    /// `1.0.0`, `latest`, `current`.
    package var version: String
    /// Nil: whichever there is.
    package var form: SchemaForm?

    /// Bytes of a name.
    package static let lengthLimit = 1024

    package init(title: String, version: String, form: SchemaForm? = nil) {
        self.title = title
        self.version = version
        self.form = form
    }

    /// Nil where it isn't the path of a file, or could lead out of a repository.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count <= Self.lengthLimit else { return nil }
        var parts = (text.hasPrefix("/") ? text.dropFirst() : text[...]).split(
            separator: "/", omittingEmptySubsequences: false)
        guard parts.count > 1, parts.allSatisfy({ Self.isPart($0) }), let last = parts.popLast() else { return nil }
        title = parts.joined(separator: "/")
        form = SchemaForm.allCases.first { last.hasSuffix("." + $0.ending) }
        version = String(last.dropLast(form.map { $0.ending.utf8.count + 1 } ?? 0))
        guard !version.isEmpty else { return nil }
    }

    /// The version as numbers; nil for `latest` and `current`.
    package var number: SemanticVersion? { SemanticVersion(version) }

    /// `/mediawiki/recentchange/1.0.0`, as `$id` and `$schema` have it.
    package var identifier: String { "/\(title)/\(version)" }

    package var description: String { identifier + (form.map { "." + $0.ending } ?? "") }

    /// Whether it may be a part of a title: no name that begins with a dot, and no character that means something in a path.
    package static func isPart(_ part: some StringProtocol) -> Bool {
        (1...200).contains(part.utf8.count) && part.utf8.first != UInt8(ascii: ".")
            && part.utf8.allSatisfy { $0.isLetter || $0.decimalDigit != nil || "-_.".utf8.contains($0) }
    }

    package static func isTitle(_ title: String) -> Bool {
        title.utf8.count <= lengthLimit
            && title.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { isPart($0) }
    }
}

/// How a schema is written.
package enum SchemaForm: String, Hashable, Sendable, CaseIterable {
    case yaml, json

    /// Of a file's name, without its dot.
    package var ending: String { rawValue }
    package var mediaType: String { self == .yaml ? "application/yaml" : "application/json" }
}
