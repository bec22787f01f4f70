internal import Bytes

/// What is wrong with a schema, and where.
package struct SchemaError: Error, Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case notFound, unreadable, cycle, tooLarge, conflict, invalid
    }

    package var kind: Kind
    /// The file, or the schema's name where it has none.
    package var document: String
    /// The place in it as a JSON pointer (RFC 6901); empty: the whole.
    package var pointer: String
    /// What is wrong and what to change, as a sentence without its first word's capital.
    package var message: String

    package init(_ kind: Kind, _ document: String, _ pointer: String = "", _ message: String) {
        self.kind = kind
        self.document = document
        self.pointer = pointer
        self.message = message
    }
}

extension SchemaError: CustomStringConvertible {
    /// `mediawiki/page/change/current.yaml#/properties/page: …`.
    package var description: String {
        Excerpt.of(document, limit: 300) + (pointer.isEmpty ? "" : "#" + Excerpt.of(pointer, limit: 300)) + ": "
            + message
    }
}

/// What a schema may cost.
package enum SchemaLimits {
    /// Bytes of a file.
    package static let fileBytes = 1 << 20
    /// Values of a schema after everything it refers to was put in.
    package static let values = 200_000
    /// Levels of a schema after everything it refers to was put in.
    package static let depth = 100
    /// References that one schema follows, those of what it refers to included.
    package static let references = 10_000
    /// Alternatives (`oneOf`, `anyOf`) that merging may make of several lists.
    package static let alternatives = 64
    /// Titles of a repository.
    package static let titles = 20_000
    /// Folders from the root of a repository to a schema.
    package static let folders = 16
}
