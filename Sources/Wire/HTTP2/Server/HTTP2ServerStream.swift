/// One request of a connection and its answer. Streams are many, and kept for hours: what only some of them need, or all of them
/// for a short while, is in objects of its own.
struct HTTP2ServerStream {
    enum Answer {
        /// The handler has not answered yet.
        case none
        case whole(HTTP2WholeAnswer)
        /// A stream; its bytes are framed as they are written.
        case stream
        /// A stream that ends once its last frame is sent.
        case endOfStream
    }

    let id: Int32
    /// The number by which the session's owner knows the stream, from zero; -1: none.
    var tag: Int32 = -1
    /// The request while it is received; nil once it was told and nothing of it is to come.
    private(set) var incoming: HTTP2IncomingRequest?
    var answer = Answer.none
    /// The request was received to its end.
    private(set) var isComplete = false
    /// The request, or its refusal, was told.
    private(set) var isTold = false
    /// The library was told that there is nothing to send, and asks again when it is told that there is.
    var isDeferred = false
    /// Somebody waits to be told that bytes are taken.
    var wantsWritable = false

    /// - Parameter since: when it began. Monotonic milliseconds.
    init(_ id: Int32, since: Int64) {
        self.id = id
        incoming = HTTP2IncomingRequest(since: since)
    }

    mutating func complete() {
        isComplete = true
        if isTold { incoming = nil }
    }

    mutating func tell() {
        isTold = true
        if isComplete { incoming = nil }
    }

    /// Bytes of a whole answer that were not framed yet.
    var unframed: Int { if case .whole(let answer) = answer { answer.unframed } else { 0 } }
}

/// The body of a whole answer while it is framed.
final class HTTP2WholeAnswer {
    private var body: [UInt8]
    private var framed = 0
    /// When something of it was framed last. Monotonic milliseconds.
    private(set) var progressAt: Int64

    init(_ body: [UInt8], now: Int64) {
        self.body = body
        progressAt = now
    }

    var unframed: Int { body.count - framed }

    /// Copies as much as fits.
    ///
    /// - Returns: how many bytes.
    func frame(into buffer: UnsafeMutableRawBufferPointer, now: Int64) -> Int {
        let count = min(buffer.count, unframed)
        // Within both: `count` is at most what either has.
        unsafe body.withUnsafeBytes {
            unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[framed..<(framed + count)]))
        }
        framed += count
        if unframed == 0 {
            body = []
            framed = 0
        }
        progressAt = now
        return count
    }
}
