internal import Bytes
package import JSON

/// What a setting must be for its stream to be listed: `destination_event_service=eventgate-main`, `consumers[hadoop][enabled]=true`.
package struct StreamConstraint: Hashable, Sendable {
    /// The setting, and the members that lead on in it.
    package var path: [String]
    package var value: String

    /// Members within one another.
    private static let depth = 10

    /// Nil where it has no `=`, or brackets that aren't closed.
    package init?(_ text: some StringProtocol) {
        guard let equals = text.firstIndex(of: "=") else { return nil }
        let name = text[..<equals]
        value = String(text[text.index(after: equals)...])
        let first = name.prefix { $0 != "[" }
        path = [String(first)]
        var rest = name[first.endIndex...]
        while !rest.isEmpty {
            guard rest.hasPrefix("["), let end = rest.firstIndex(of: "]") else { return nil }
            path.append(String(rest[rest.index(after: rest.startIndex)..<end]))
            rest = rest[rest.index(after: end)...]
        }
        guard !first.isEmpty, path.count <= Self.depth else { return nil }
    }

    /// - Parameters:
    ///   - settings: as they are answered with.
    ///   - name: what the stream is listed as: it counts for `stream` beside the name that is configured.
    package func holds(for settings: JSONValue, name: String) -> Bool {
        if path == ["stream"], value == name { return true }
        var found = settings
        for step in path {
            guard let next = found.member(step) else { return false }
            found = next
        }
        if let elements = found.array { return elements.contains { Self.text($0) == value } }
        return Self.text(found).map { $0 == value || Self.word($0, of: found) == value } ?? false
    }

    /// Values are compared as texts: true is `1`, false is empty. Nil for null, which is never equal, and for collections.
    private static func text(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text), .number(let text): text
        case .boolean(let value): value ? "1" : ""
        case .null, .object, .array: nil
        }
    }

    /// `true` and `false` may be written as words, too.
    private static func word(_ text: String, of value: JSONValue) -> String {
        if case .boolean(let value) = value { value ? "true" : "false" } else { text }
    }
}

extension JSONValue {
    /// A member by its name, or an element by its place.
    fileprivate func member(_ step: String) -> JSONValue? {
        guard case .array(let elements) = self else { return self[step] }
        return Int(step).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
    }
}
