internal import HTTP
internal import Reactor

/// All there is of a connection that streams or is idle: one place in the slab.
struct Connection {
    struct Flags: OptionSet {
        let rawValue: UInt16
        /// There may be bytes to read. Events are edge-triggered: this remembers the last one.
        static let mayRead = Flags(rawValue: 1)
        /// The client has ended its side, by what the kernel said; what came before that may still be read.
        static let hasPeerEnded = Flags(rawValue: 2)
        /// The connection stands in the list of those to go on with in the next turn.
        static let isQueued = Flags(rawValue: 4)
        /// Taken on only to be told that there is no place.
        static let isRefused = Flags(rawValue: 8)
        /// It counts for its address.
        static let isCounted = Flags(rawValue: 16)
        /// What was to be sent waits for the socket to be readable.
        static let sendWaitsForReadable = Flags(rawValue: 32)
        /// What was to be read waits for the socket to be writable.
        static let readWaitsForWritable = Flags(rawValue: 64)
        /// It speaks HTTP/2.
        static let isHTTP2 = Flags(rawValue: 128)
        /// Its TLS handshake was let in by the limits.
        static let mayHandshake = Flags(rawValue: 256)
        /// A proxy's words about the client come first.
        static let awaitsProxyHeader = Flags(rawValue: 512)
    }

    /// What it counts for, if it is counted by address.
    var peer = AddressKey(v4: 0)
    var http1 = HTTP1Connection()
    private var exchangePlace = UInt32.max
    var wire = Wire.none
    var listener: UInt8 = 0
    var flags: Flags = []

    /// The place of the present request and its answer or stream; nil: there is none.
    var exchange: Int? {
        get { exchangePlace == .max ? nil : Int(exchangePlace) }
        set { exchangePlace = newValue.map { UInt32($0) } ?? .max }
    }

    /// Whom its untaken answers count for; nil: nobody.
    var countedPeer: AddressKey? { flags.contains(.isCounted) ? peer : nil }
}
