public import EventLog
public import JSON

/// What a record's value turned out to be.
public enum ScannedRecord {
    case event(Event)
    /// No event, and nothing that anybody misses: it is not a JSON object. Why, as the end of a sentence.
    case noEvent(String)
    /// An object that is past a limit, so that it can't be delivered.
    case unreadable(String)

    /// - Parameter scanner: used again for each record.
    public init(_ value: [UInt8], scanner: inout JSONScanner) {
        do throws(JSONError) {
            let document = try JSONDocument(value, depth: Event.maximumDepth, scanner: &scanner)
            self = Event(document).map(Self.event) ?? .noEvent("it is not a JSON object")
        } catch {
            switch error.reason {
            case .tooDeep, .tooLong:
                self = Self.isObject(value) ? .unreadable(error.description) : .noEvent(error.description)
            default: self = .noEvent(error.description)
            }
        }
    }

    /// - Parameter index: of the value, as whoever appended it has made it.
    public init(_ value: [UInt8], index: RecordIndex) {
        self =
            Event(JSONDocument(value, index: index.words, at: index.start)).map(Self.event)
            ?? .noEvent("it is not a JSON object")
    }

    /// Whether somebody misses it who doesn't get it.
    public var isObject: Bool {
        switch self {
        case .event, .unreadable: true
        case .noEvent: false
        }
    }

    /// Why it is no event.
    public var reason: String? {
        switch self {
        case .event: nil
        case .noEvent(let reason), .unreadable(let reason): reason
        }
    }

    private static func isObject(_ value: [UInt8]) -> Bool {
        value.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "{")
    }
}
