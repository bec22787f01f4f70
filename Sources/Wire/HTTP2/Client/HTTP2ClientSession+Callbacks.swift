internal import CNghttp2

// Not a member: a member's closures would capture its type, which a C function cannot.
private func session(_ context: UnsafeMutableRawPointer?) -> HTTP2ClientSession? {
    // The context is the object whose call is being made: it outlives this call.
    unsafe context.map { unsafe Unmanaged<HTTP2ClientSession>.fromOpaque($0).takeUnretainedValue() }
}

/// What nghttp2 calls while it works. Each only notes what it is told.
extension HTTP2ClientSession {
    /// - Parameter callbacks: of `nghttp2_session_callbacks_new`.
    static func set(_ callbacks: OpaquePointer) {
        unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, _, context in
            unsafe session(context)?.beganHead()
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            _, _, name, nameCount, value, valueCount, _, context in
            // Lifetime: both are the library's until this returns.
            unsafe session(context)?.received(
                field: UnsafeBufferPointer(start: name, count: nameCount),
                UnsafeBufferPointer(start: value, count: valueCount))
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
            _, _, stream, data, count, context in
            if let data = unsafe data { unsafe session(context)?.received(data: data, count: count, stream) }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, context in
            // Lifetime: the frame is the library's until this returns.
            if let frame = unsafe frame { unsafe session(context)?.take(frame.pointee) }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, stream, code, context in
            unsafe session(context)?.closed(stream, HTTP2ErrorCode(rawValue: code))
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks) { _, frame, _, context in
            if let header = unsafe frame?.pointee.hd, header.type == UInt8(NGHTTP2_HEADERS.rawValue) {
                unsafe session(context)?.closed(header.stream_id, .refusedStream)
            }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, context in
            if let frame = unsafe frame, unsafe frame.pointee.hd.type == UInt8(NGHTTP2_GOAWAY.rawValue) {
                unsafe session(context)?.sent(goAway: frame.pointee.goaway)
            }
            return 0
        }
    }

    fileprivate func take(_ frame: nghttp2_frame) {
        let header = unsafe frame.hd
        let isEnd = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
        switch UInt32(header.type) {
        case NGHTTP2_HEADERS.rawValue:
            receivedHead(header.stream_id)
            if isEnd { receivedEnd(header.stream_id) }
        case NGHTTP2_DATA.rawValue: if isEnd { receivedEnd(header.stream_id) }
        case NGHTTP2_SETTINGS.rawValue:
            if header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) == 0 { receivedSettings() }
        case NGHTTP2_GOAWAY.rawValue: receivedGoAway(HTTP2ErrorCode(rawValue: unsafe frame.goaway.error_code))
        default: break
        }
    }

    /// The library ends a connection by itself when the peer breaks the rules.
    fileprivate func sent(goAway: nghttp2_goaway) {
        var reason = ""
        if let text = unsafe goAway.opaque_data {
            // Lifetime: the text is the frame's, which is the library's until the callback returns.
            reason = unsafe String(
                decoding: UnsafeBufferPointer(start: text, count: goAway.opaque_data_len), as: UTF8.self)
        }
        gaveUp(HTTP2ErrorCode(rawValue: unsafe goAway.error_code), reason)
    }
}
