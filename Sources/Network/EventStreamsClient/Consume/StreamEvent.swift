internal import JSON

/// An event of a stream.
public struct StreamEvent: Hashable, Sendable {
    /// Its JSON object in one line, as the server sent it: for the JSON library of your choice.
    public let data: [UInt8]
    /// The place behind the event: a request with it goes on with the next. Keep it together with what you did for the
    /// event. Empty: the server gave none.
    public let id: String

    package init(data: [UInt8], id: String) {
        self.data = data
        self.id = id
    }

    /// A value by its path, such as `meta.domain`: a string's characters, the JSON text of any other; nil where there is
    /// none. Each call reads the whole event; for more than a few values decode it.
    public func text(at path: String) -> String? {
        guard let document = try? JSONDocument(data) else { return nil }
        return document.text(at: path.split(separator: ".").map(String.init))
    }
}

extension JSONDocument {
    /// As `StreamEvent.text(at:)`.
    package func text(at path: [String]) -> String? {
        value(at: path).map { string($0) ?? String(decoding: text(of: $0), as: UTF8.self) }
    }
}
