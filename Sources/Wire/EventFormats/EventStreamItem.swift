/// What an event stream says, in the order in which it says it.
public enum EventStreamItem: Hashable, Sendable {
    /// An event to dispatch.
    case event(ReceivedEvent)
    /// A block without data but with an id: nothing to dispatch, and this is the last event id from now on.
    case progress(lastEventID: [UInt8])
    /// From now on wait so long before connecting anew. Saturates at the largest number.
    case retry(milliseconds: Int64)
    /// A line that began with a colon: what follows it, without one space.
    case comment([UInt8])
}

/// An event as EventSource would dispatch it. Bytes are as they came; a browser reads them as UTF-8 and puts U+FFFD in the
/// place of what is none, as `String(decoding:as:)` does.
public struct ReceivedEvent: Hashable, Sendable {
    /// `message` where the stream names none.
    public var type: String
    /// The data lines joined by LF.
    public var data: [UInt8]
    /// The last id the stream gave, in this event or before. Empty: none, or taken back.
    public var lastEventID: [UInt8]

    public init(type: String = "message", data: [UInt8], lastEventID: [UInt8] = []) {
        self.type = type
        self.data = data
        self.lastEventID = lastEventID
    }
}

/// Why an event stream can't be read on.
public enum EventStreamError: Error, Hashable, Sendable, CustomStringConvertible {
    /// An event, or a line, has more bytes than the parser was told to take.
    case tooLong(limit: Int)

    public var description: String {
        switch self {
        case .tooLong(let limit):
            "an event is longer than \(limit) bytes; raise the limit, or ask for fewer fields of it"
        }
    }
}
