/// A request that is being received.
final class HTTP2IncomingRequest {
    /// When it began. Monotonic milliseconds.
    let since: Int64
    var request = HTTP2Request()
    /// Bytes of the head by RFC 9113's measure, section 6.5.2.
    var headBytes = 0
    var refusal: HTTP2Refusal?
    /// The head was received; fields that follow are trailers.
    var hasHead = false
    /// Bytes of its body that were thrown away.
    var discarded = 0

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
}
