internal import CNghttp2

// Not a member: a member's closures would capture its type, which a C function cannot.
private func session(_ context: UnsafeMutableRawPointer?) -> HTTP2ServerSession? {
    // The context is the object whose call is being made: it outlives this call.
    unsafe context.map { unsafe Unmanaged<HTTP2ServerSession>.fromOpaque($0).takeUnretainedValue() }
}

/// RFC 9113, section 4.1.
private let frameHeadBytes = 9

/// What nghttp2 calls while it works. Each only notes what it is told.
extension HTTP2ServerSession {
    /// - Parameter callbacks: of `nghttp2_session_callbacks_new`.
    static func set(_ callbacks: OpaquePointer) {
        unsafe nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks) { _, header, context in
            if let header = unsafe header { unsafe session(context)?.began(header.pointee) }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, context in
            if let frame = unsafe frame { unsafe session(context)?.beganHead(frame.pointee.hd.stream_id) }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            _, frame, name, nameCount, value, valueCount, _, context in
            guard let frame = unsafe frame, let session = unsafe session(context) else { return 0 }
            // Lifetime: both are the library's until this returns.
            let goesOn = unsafe session.received(
                frame.pointee.hd.stream_id, UnsafeBufferPointer(start: name, count: nameCount),
                UnsafeBufferPointer(start: value, count: valueCount))
            return goesOn ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
        }
        unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
            _, _, stream, data, count, context in
            // Lifetime: the library's until this returns.
            unsafe session(context)?.received(data: UnsafeBufferPointer(start: data, count: count), stream)
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, context in
            // Lifetime: the frame is the library's until this returns.
            if let frame = unsafe frame { unsafe session(context)?.took(frame.pointee.hd) }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, stream, code, context in
            unsafe session(context)?.closed(stream, HTTP2ErrorCode(rawValue: code))
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, context in
            // Not for each event of a stream.
            if let frame = unsafe frame, unsafe frame.pointee.hd.type != UInt8(NGHTTP2_DATA.rawValue) {
                unsafe session(context)?.sent(frame.pointee)
            }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_send_data_callback(callbacks) { _, _, head, count, _, context in
            // Lifetime: the head, of 9 bytes, is the library's until this returns.
            guard
                let goesOn = unsafe session(context)?.frame(
                    UnsafeRawBufferPointer(start: head, count: frameHeadBytes), count)
            else { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
            // Else the library would ask at once for what is not there yet, and have to be told when it is.
            return goesOn ? 0 : NGHTTP2_ERR_PAUSE.rawValue
        }
    }

    /// Gives the library bytes of an answer.
    static let provide: nghttp2_data_source_read_callback = { _, stream, buffer, count, flags, _, context in
        guard let session = unsafe session(context), let flags = unsafe flags else {
            return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
        }
        // Lifetime: the buffer is the library's until this returns.
        switch unsafe session.provide(stream, UnsafeMutableRawBufferPointer(start: buffer, count: count)) {
        case .copied(let count, let isEnd):
            if isEnd { unsafe flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue }
            return count
        case .written(let count):
            unsafe flags.pointee |= NGHTTP2_DATA_FLAG_NO_COPY.rawValue
            return count
        case .nothingYet: return Int(NGHTTP2_ERR_DEFERRED.rawValue)
        }
    }

    /// Every frame costs work, whatever becomes of it.
    fileprivate func began(_ header: nghttp2_frame_hd) {
        let isAnswer = header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0
        let isEnd = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
        switch UInt32(header.type) {
        case NGHTTP2_PING.rawValue: if !isAnswer { count(.pings) }
        case NGHTTP2_SETTINGS.rawValue: if !isAnswer { count(.settings) }
        case NGHTTP2_RST_STREAM.rawValue: count(.rapidReset)
        case NGHTTP2_DATA.rawValue: if header.length == 0, !isEnd { count(.emptyFrames) }
        case NGHTTP2_HEADERS.rawValue: beganFrame()
        case NGHTTP2_WINDOW_UPDATE.rawValue, NGHTTP2_CONTINUATION.rawValue, NGHTTP2_GOAWAY.rawValue: break
        default: count(.emptyFrames)
        }
    }

    fileprivate func took(_ header: nghttp2_frame_hd) {
        let isEnd = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
        switch UInt32(header.type) {
        case NGHTTP2_HEADERS.rawValue: receivedHead(header.stream_id, isEnd: isEnd)
        case NGHTTP2_DATA.rawValue: if isEnd { receivedEnd(header.stream_id) }
        default: break
        }
    }

    fileprivate func sent(_ frame: nghttp2_frame) {
        let header = unsafe frame.hd
        switch UInt32(header.type) {
        case NGHTTP2_RST_STREAM.rawValue:
            let code = HTTP2ErrorCode(rawValue: unsafe frame.rst_stream.error_code)
            // These three are the server's own will.
            if ![.noError, .cancel, .refusedStream].contains(code) { count(.madeYouReset) }
        case NGHTTP2_GOAWAY.rawValue:
            let goAway = unsafe frame.goaway
            var reason = ""
            if let text = unsafe goAway.opaque_data {
                // Lifetime: the text is the frame's, which is the library's until the callback returns.
                reason = unsafe String(
                    decoding: UnsafeBufferPointer(start: text, count: goAway.opaque_data_len), as: UTF8.self)
            }
            gaveUp(HTTP2ErrorCode(rawValue: unsafe goAway.error_code), reason)
        default: break
        }
    }
}
