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

    var request = HTTP2Request()
    /// Bytes of the head by RFC 9113's measure, section 6.5.2.
    var headBytes = 0
    var refusal: HTTP2Refusal?
    /// The head was received; fields that follow are trailers.
    var hasHead = false
    /// The request was received to its end.
    var isComplete = false
    /// Bytes of its body that were thrown away.
    var discarded = 0
    /// The request, or its refusal, was told.
    var isTold = false
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

    /// Notes a field of HTTP/2 itself.
    func setPseudo(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
        let text = unsafe String(decoding: value, as: UTF8.self)
        switch unsafe String(decoding: name, as: UTF8.self) {
        case ":method": request.method = text
        case ":path": request.path = text
        case ":authority": request.authority = text
        default: break
        }
    }

    /// The client waits for `100` before it sends the body (RFC 9110, section 10.1.1).
    var expectsContinue: Bool {
        request.fields.contains { field in
            request.storage[field.name].elementsEqual("expect".utf8)
                && String(decoding: request.storage[field.value], as: UTF8.self).lowercased() == "100-continue"
        }
    }

    var unframed: Int { if case .whole(let body, let framed) = answer { body.count - framed } else { 0 } }
}
