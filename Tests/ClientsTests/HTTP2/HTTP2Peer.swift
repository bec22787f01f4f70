import CNghttp2

/// An HTTP/2 server's side by nghttp2 itself, without a socket: what a test answers becomes real frames.
@safe final class HTTP2Peer {
    struct Request: Hashable {
        var stream: Int32
        var fields: [String: String] = [:]
    }

    private struct Body {
        var rest: ArraySlice<UInt8>
        var isWhole: Bool
    }

    /// Lifetime: made in `init`, deleted in `deinit`; points back here, and does so only within calls made here.
    private let session: OpaquePointer
    private var bodies: [Int32: Body] = [:]
    private var current: Request?
    private var requests: [Request] = []
    /// How streams were closed.
    private(set) var closed: [Int32: UInt32] = [:]

    /// - Parameter streamLimit: what it allows; nil: it says nothing of it.
    init(streamLimit: UInt32? = nil) {
        var callbacks: OpaquePointer?
        unsafe nghttp2_session_callbacks_new(&callbacks)
        defer { unsafe nghttp2_session_callbacks_del(callbacks) }
        unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, context in
            if let frame = unsafe frame { unsafe peer(context)?.current = Request(stream: frame.pointee.hd.stream_id) }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            _, _, name, nameCount, value, valueCount, _, context in
            let name = unsafe String(decoding: UnsafeBufferPointer(start: name, count: nameCount), as: UTF8.self)
            unsafe peer(context)?.current?.fields[name] = String(
                decoding: UnsafeBufferPointer(start: value, count: valueCount), as: UTF8.self)
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, context in
            if unsafe frame?.pointee.hd.type == UInt8(NGHTTP2_HEADERS.rawValue), let peer = unsafe peer(context) {
                if let request = peer.current { peer.requests.append(request) }
                peer.current = nil
            }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, stream, code, context in
            unsafe peer(context)?.closed[stream] = code
            return 0
        }
        var session: OpaquePointer?
        unsafe nghttp2_session_server_new(&session, callbacks, nil)
        guard let session = unsafe session else { fatalError("nghttp2 makes no session") }
        unsafe self.session = session
        unsafe nghttp2_session_set_user_data(session, Unmanaged.passUnretained(self).toOpaque())
        let settings = streamLimit.map {
            [
                nghttp2_settings_entry(
                    settings_id: Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue), value: $0)
            ]
        }
        _ = unsafe (settings ?? []).withUnsafeBufferPointer {
            unsafe nghttp2_submit_settings(session, 0, $0.baseAddress, $0.count)
        }
    }

    deinit { unsafe nghttp2_session_del(session) }

    /// False: the client broke the rules.
    func receive(_ bytes: [UInt8]) -> Bool {
        unsafe bytes.withUnsafeBufferPointer { unsafe nghttp2_session_mem_recv(session, $0.baseAddress, $0.count) }
            == bytes.count
    }

    /// The requests that came since the last call.
    func takeRequests() -> [Request] {
        defer { requests = [] }
        return requests
    }

    func output() -> [UInt8] {
        var output: [UInt8] = []
        var bytes: UnsafePointer<UInt8>?
        while case let count = unsafe nghttp2_session_mem_send(session, &bytes), count > 0 {
            unsafe output.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
        }
        return output
    }

    /// - Parameters:
    ///   - isWhole: the response ends with the body; else it stays open.
    func answer(
        _ stream: Int32, status: Int = 200, _ fields: [(String, String)] = [], body: [UInt8] = [], isWhole: Bool = true
    ) {
        bodies[stream] = Body(rest: body[...], isWhole: isWhole)
        unsafe Self.withFields([(":status", "\(status)")] + fields) { fields in
            var provider = unsafe nghttp2_data_provider(source: nghttp2_data_source(fd: 0)) {
                _, stream, buffer, room, flags, _, context in
                guard let peer = unsafe peer(context), let body = peer.bodies[stream] else { return 0 }
                let part = body.rest.prefix(room)
                for (place, byte) in part.enumerated() { unsafe buffer?[place] = byte }
                peer.bodies[stream]?.rest = body.rest.dropFirst(part.count)
                if part.count == body.rest.count, body.isWhole {
                    unsafe flags?.pointee = UInt32(NGHTTP2_DATA_FLAG_EOF.rawValue)
                } else if part.isEmpty {
                    return Int(NGHTTP2_ERR_DEFERRED.rawValue)
                }
                return part.count
            }
            return unsafe nghttp2_submit_response(session, stream, fields.baseAddress, fields.count, &provider)
        }
    }

    /// Sends a head that is not the final one.
    func answerEarly(_ stream: Int32, status: Int) {
        unsafe Self.withFields([(":status", "\(status)")]) {
            unsafe nghttp2_submit_headers(session, 0, stream, nil, $0.baseAddress, $0.count, nil)
        }
    }

    func reset(_ stream: Int32, _ code: UInt32) { unsafe nghttp2_submit_rst_stream(session, 0, stream, code) }

    /// Takes no streams after `last`.
    func goAway(_ code: UInt32, last: Int32) { unsafe nghttp2_submit_goaway(session, 0, last, code, nil, 0) }

    func ping() { unsafe nghttp2_submit_ping(session, 0, nil) }

    private static func withFields(_ fields: [(String, String)], _ body: (UnsafeBufferPointer<nghttp2_nv>) -> Int32) {
        var bytes: [UInt8] = fields.flatMap { Array($0.utf8) + Array($1.utf8) }
        // Lifetime: the library copies what it is given before the closures return.
        unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            var place = buffer.baseAddress
            let all = unsafe fields.map { name, value in
                let start = unsafe place
                unsafe place = place.map { unsafe $0 + name.utf8.count + value.utf8.count }
                return unsafe nghttp2_nv(
                    name: start, value: start.map { unsafe $0 + name.utf8.count }, namelen: name.utf8.count,
                    valuelen: value.utf8.count, flags: 0)
            }
            let result = unsafe all.withUnsafeBufferPointer { unsafe body($0) }
            precondition(result >= 0, "nghttp2 takes no such answer: \(result)")
        }
    }
}

// Not a member: a member's closures would capture its type, which a C function cannot.
private func peer(_ context: UnsafeMutableRawPointer?) -> HTTP2Peer? {
    // The context is the object whose call is being made: it outlives this call.
    unsafe context.map { unsafe Unmanaged<HTTP2Peer>.fromOpaque($0).takeUnretainedValue() }
}
