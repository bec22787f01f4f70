extension HTTP1Connection {
    /// Where a connection stands. What a state needs is in its case, and dies with it: a connection that is idle or
    /// streams is its slot alone.
    enum State {
        /// Between requests: nothing of the next has come.
        case idle
        /// The first bytes may be HTTP/2's.
        case sniffing(Sniffing)
        /// A request is being read.
        case reading(Reading)
        /// The handler has the request and owes the answer.
        case handling(Handling)
        /// A whole answer is being sent.
        case answering(Answering)
        /// The head of a stream is being sent.
        case opening(Opening)
        /// The handler writes the body as it comes.
        case streaming(Streaming)
        /// Nothing more is to be said; the client's end is awaited, so that it reads all rather than a reset
        /// (RFC 9112, section 9.6).
        case ending(Ending)
    }

    final class Sniffing {
        /// The beginning of HTTP/2's preface.
        var bytes: [UInt8] = []
        /// Why whatever is asked gets no answer but this.
        let refusal: Refusal?

        init(refusing refusal: Refusal?) { self.refusal = refusal }
    }

    final class Reading {
        var reader: RequestReader
        /// What came after the request before this one, still to be read.
        var input: [UInt8]
        /// `100 Continue`, on its way.
        var outbox = Outbox()
        /// Bytes of the body that a budget counts.
        var heldBody = 0
        /// Why whatever is asked gets no answer but this.
        let refusal: Refusal?

        init(_ rules: Rules, input: [UInt8] = [], refusal: Refusal? = nil) {
            reader = RequestReader(limits: rules.limits, maximumBodyBytes: rules.maximumBodyBytes)
            self.input = input
            self.refusal = refusal
        }
    }

    final class Handling {
        let method: String
        let target: String
        let minorVersion: Int
        let keepsAlive: Bool
        /// What came after the request: the beginning of the next.
        let input: [UInt8]
        var outbox: Outbox
        var heldBody: Int

        init(_ request: HTTPRequest, input: [UInt8], after reading: Reading) {
            method = request.method
            target = request.target
            minorVersion = request.minorVersion
            keepsAlive = request.allowsKeepAlive
            self.input = input
            outbox = reading.outbox
            heldBody = reading.heldBody
        }
    }

    final class Answering {
        var outbox: Outbox
        /// What came after the request. Nil: the connection ends with the answer.
        var next: [UInt8]?
        /// What is left of a body that was refused is read and thrown away, or its client would not come to read the
        /// answer.
        let drainsBody: Bool

        init(_ outbox: Outbox, next: [UInt8]?, drainsBody: Bool = false) {
            self.outbox = outbox
            self.next = next
            self.drainsBody = drainsBody
        }
    }

    final class Opening {
        var outbox: Outbox
        /// The stream ends as soon as its head has been sent.
        var isOver: Bool
        var body = Streaming()

        init(_ outbox: Outbox, isOver: Bool) {
            self.outbox = outbox
            self.isOver = isOver
        }
    }

    // The numbers stand first in these two, and leave room for the case: tens of thousands are kept.

    struct Streaming {
        /// Bytes that the client sent, which were thrown away.
        var discarded: UInt32 = 0
        /// The handler waits to be told that the stream takes bytes.
        var wantsWritable = false
        /// The client has ended its side, and the handler knows.
        var hasPeerEnded = false
    }

    struct Ending {
        /// Bytes that were thrown away.
        var discarded: UInt32 = 0
        /// The exchange that ends is a stream.
        var isStream: Bool
        var drainsBody = false
    }

    /// What is to be done after something happened. One thing at a time: what comes of it is told to the connection, which
    /// answers with the next.
    enum Action {
        /// Nothing, until something happens.
        case wait
        /// Send from the outbox, and tell `sent`.
        case send
        /// Give the request to the handler.
        indirect case handle(HTTPRequest)
        /// These bytes, and those that follow, are HTTP/2. With a refusal its requests get no answer but that.
        case switchToHTTP2([UInt8], refusing: Refusal?)
        /// Make the answer to a request that is refused, and give it to `answer(refused:)`.
        indirect case refuse(Refusal, HTTPRequest?)
        /// Tell the handler that the stream takes bytes again.
        case tellWritable
        /// Tell the handler that the stream's client has ended its side.
        case tellPeerEnded
        /// Tell the client that nothing follows.
        case endSending
        /// Close the connection. What was asked and not answered, or streamed, has ended for this reason.
        case close(EndReason)
        /// The same, but what the client has not taken is thrown away.
        case reset(EndReason)
    }
}
