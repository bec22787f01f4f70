/// The `event` field of what the service sends. A closed set, so nothing from outside can get into the field.
public enum EventType: Hashable, Sendable, CaseIterable {
    /// A record.
    case message
    /// Records the client will never get: contract, section 6.
    case gap
    /// Something to know that is no loss: contract, section 3.
    case notice
    /// A problem document; the body ends after it.
    case error

    /// The whole line of the event stream.
    var line: StaticString {
        switch self {
        case .message: "event: message\n"
        case .gap: "event: gap\n"
        case .notice: "event: notice\n"
        case .error: "event: error\n"
        }
    }
}

/// How a body is written: contract, section 3.
public enum StreamFormat: Hashable, Sendable, CaseIterable {
    /// `text/event-stream`: WHATWG HTML, section 9.2.
    case sse
    /// One JSON object a line.
    case ndjson
}

/// How a cursor is written as an event's id: contract, section 4.
public enum IDForm: Hashable, Sendable, CaseIterable {
    case json
    case compact
}
