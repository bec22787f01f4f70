/// One request of a connection and its answer.
final class HTTP2ServerStream {
    enum Answer {
        /// The handler has not answered yet.
        case none
        /// A whole answer, of which so many bytes have been framed.
        case whole([UInt8], framed: Int)
        /// A stream; its bytes are framed as they are written. It ends once nothing is left of it.
        case stream(isOver: Bool)
    }

    /// The request while it is received; nil once it was told and nothing of it is to come: a stream is kept for hours.
    private(set) var incoming: HTTP2IncomingRequest? = HTTP2IncomingRequest()
    /// The request was received to its end.
    private(set) var isComplete = false
    /// The request, or its refusal, was told.
    private(set) var isTold = false
    /// When it began. Monotonic milliseconds.
    let since: Int64
    var answer = Answer.none
    /// When something of a whole answer was framed last. Monotonic milliseconds.
    var progressAt: Int64 = 0
    /// The library was told that there is nothing to send, and asks again when it is told that there is.
    var isDeferred = false
    /// Somebody waits to be told that bytes are taken.
    var wantsWritable = false

    init(since: Int64) { self.since = since }

    func complete() {
        isComplete = true
        if isTold { incoming = nil }
    }

    func tell() {
        isTold = true
        if isComplete { incoming = nil }
    }

    var unframed: Int { if case .whole(let body, let framed) = answer { body.count - framed } else { 0 } }
}
