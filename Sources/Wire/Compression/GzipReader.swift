internal import CZlib

/// Decompresses gzip (RFC 1952) piece by piece: any number of members one after another, and zeros behind the last.
@safe public struct GzipReader: ~Copyable {
    /// Lifetime: allocated in `init`, freed in `deinit`. zlib wants it to stay where it was initialised.
    private let stream: UnsafeMutablePointer<z_stream>
    /// Compressed bytes taken.
    public private(set) var position: Int64 = 0
    private var place = Place.start

    private enum Place {
        /// Before any member, or within one of which a byte was taken.
        case start, member
        /// After a member.
        case between
        /// After a member and zeros.
        case padding
    }

    public init() throws(GzipError) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        guard unsafe czlib_gzip_reader_init(stream) == Z_OK else {
            unsafe stream.deallocate()
            throw .noMemory
        }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Whether these are the first bytes of gzip.
    public static func isGzip(_ bytes: some Collection<UInt8>) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

    /// Takes the next bytes and appends what they decompress to, which may be a thousand times as much.
    ///
    /// - Throws: at damage. What was appended before is good as far as can be known.
    public mutating func push(_ bytes: [UInt8], into output: inout [UInt8]) throws(GzipError) {
        var start = 0
        while start < bytes.count {
            switch place {
            case .between, .padding:
                if bytes[start] == 0 {
                    place = .padding
                    (start, position) = (start + 1, position + 1)
                } else if place == .between {
                    unsafe inflateReset(stream)
                    place = .member
                } else {
                    throw .damaged(compressedByte: position, reason: "something follows the padding")
                }
            case .start, .member:
                place = .member
                start += try inflate(bytes, from: start, &output)
            }
        }
    }

    /// The end of the text.
    public mutating func finish() throws(GzipError) {
        if place == .member || place == .start { throw .truncated(compressedByte: position) }
    }

    private mutating func inflate(
        _ bytes: [UInt8], from start: Int, _ output: inout [UInt8]
    ) throws(GzipError) -> Int {
        let part = bytes[start..<min(bytes.count, start + (1 << 20))]
        var code = Z_OK
        let stream = unsafe stream
        // Lifetime: zlib keeps no pointer into the input or the output past its calls, all within the closures.
        let left: Int = unsafe part.withUnsafeBytes { input in
            unsafe stream.pointee.next_in = UnsafeMutablePointer(
                mutating: input.bindMemory(to: UInt8.self).baseAddress)
            unsafe stream.pointee.avail_in = UInt32(input.count)
            repeat {
                // Twice the input is a usual size; what doesn't fit takes another turn.
                let room = max(32_768, input.count * 2)
                let used = output.count
                output.append(contentsOf: repeatElement(0, count: room))
                unsafe output.withUnsafeMutableBufferPointer { buffer in
                    unsafe stream.pointee.next_out = buffer.baseAddress.map { unsafe $0 + used }
                    unsafe stream.pointee.avail_out = UInt32(room)
                    code = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
                }
                output.removeLast(Int(unsafe stream.pointee.avail_out))
            } while unsafe code == Z_OK && (stream.pointee.avail_out == 0 || stream.pointee.avail_in > 0)
            return Int(unsafe stream.pointee.avail_in)
        }
        let taken = part.count - left
        position += Int64(taken)
        switch code {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: place = .between
        case Z_MEM_ERROR: throw .noMemory
        default:
            let reason = unsafe stream.pointee.msg.map { unsafe String(cString: $0) } ?? "zlib error \(code)"
            throw .damaged(compressedByte: position, reason: reason)
        }
        return taken
    }
}
