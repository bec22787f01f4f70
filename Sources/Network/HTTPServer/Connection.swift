internal import HTTP
internal import Reactor

/// All there is of a connection that streams or is idle: one place in the slab.
struct Connection {
    enum Phase: UInt8 {
        /// Waiting for a request, or reading one.
        case reading
        /// The handler has the request and owes the answer.
        case handling
        /// A whole answer is being sent.
        case answering
        /// The handler writes the body as it comes.
        case streaming
        /// The stream has ended; the client's end is awaited, then the handler is told.
        case finishing
        /// Nothing is to be said any more; the client's end is awaited, so that it reads the answer rather than a
        /// reset.
        case lingering
    }

    struct Flags: OptionSet {
        let rawValue: UInt16
        /// There may be bytes to read. Events are edge-triggered: this remembers the last one.
        static let readable = Flags(rawValue: 1)
        /// The client has ended its side.
        static let peerEnded = Flags(rawValue: 2)
        /// The handler waits to be told that the stream takes bytes.
        static let wantsWritable = Flags(rawValue: 4)
        /// The connection stands in the list of those to go on with in the next turn.
        static let isQueued = Flags(rawValue: 8)
        /// The handler is to be told of the end.
        static let owesClose = Flags(rawValue: 16)
        /// The stream ends as soon as its head has been sent.
        static let finishesAfterHead = Flags(rawValue: 32)
        /// Taken on only to be told that there is no place.
        static let isRefused = Flags(rawValue: 64)
        /// The handler knows that the stream's client has ended its side.
        static let peerEndTold = Flags(rawValue: 128)
        /// It counts for its address.
        static let isCounted = Flags(rawValue: 256)
        /// Its client may still be sending a body that was refused.
        static let drainsBody = Flags(rawValue: 512)
    }

    static let noDeadline = Int64.max

    /// What it counts for, if it is counted by address.
    var peer = AddressKey(v4: 0)
    var wire = Wire.none
    var phase = Phase.reading
    var listener: UInt8 = 0
    var flags: Flags = []
    var requests: UInt32 = 0
    /// Bytes read and thrown away.
    var discarded: UInt32 = 0
    var deadline = noDeadline
    /// What a request and its answer need, while there is one.
    var exchange: Exchange?
}

/// One request being read and its answer being sent.
final class Exchange {
    var reader: RequestReader
    /// Bytes that came after the present request, from `inputStart` on.
    var input: [UInt8] = []
    var inputStart = 0
    /// Bytes to send, from `outputStart` on.
    var output: [UInt8] = []
    var outputStart = 0
    var isHead = false
    var minorVersion = 1
    var keepsAlive = false
    /// Bytes of the body that the listener's budget counts.
    var bodyBytes = 0
    /// Bytes of `output` that are counted as held.
    var heldBytes = 0
    /// Of the request being answered.
    var method = ""
    var target = ""
    /// Why whatever is asked gets no answer but this.
    var refusal: Refusal?

    init(reader: RequestReader) { self.reader = reader }

    var hasInput: Bool { inputStart < input.count }
    var hasOutput: Bool { outputStart < output.count }
}
