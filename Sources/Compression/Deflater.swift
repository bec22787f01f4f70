internal import CZlib

/// Compresses a text piece by piece into deflate blocks (RFC 1951), none of which is the last one.
///
/// Each piece ends at the edge of a byte and can be decompressed as soon as it is there. A piece that starts anew refers to
/// nothing before it, so it may stand behind anything. Costs about 160 KiB of memory.
@safe public final class Deflater {
    /// Lifetime: allocated in `init`, freed in `deinit`. zlib wants it to stay where it was initialised.
    private let stream: UnsafeMutablePointer<z_stream>
    /// Without it pieces go out as they are.
    private let hasMemory: Bool
    private var isNew = true
    /// 1, the fastest, to 9. A new one holds from the next piece on that starts anew.
    public var level: Int32
    private var levelInUse: Int32

    public init(level: Int32) {
        self.level = level
        levelInUse = level
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        hasMemory = unsafe czlib_raw_deflater_init(stream, min(max(level, 1), 9)) == Z_OK
    }

    deinit {
        if hasMemory { unsafe deflateEnd(stream) }
        unsafe stream.deallocate()
    }

    /// - Parameter startsAnew: whether the piece must not refer to the one before it.
    public func append(_ bytes: Span<UInt8>, startsAnew: Bool, to output: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        guard hasMemory else { return Gzip.appendStored(bytes, to: &output) }
        // All of the piece before went out with its flush, so nothing is lost.
        if startsAnew, !isNew { reset() }
        isNew = false
        let stream = unsafe stream
        // Lifetime: zlib keeps no pointer into the input or the output past its calls, all within the closures.
        unsafe bytes.withUnsafeBufferPointer { input in
            unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            unsafe stream.pointee.avail_in = UInt32(clamping: input.count)
            repeat {
                // As much as it takes to store the piece as it is; a little more than a flush needs in any case.
                let room = Int(unsafe stream.pointee.avail_in) + 1024
                let used = output.count
                output.append(contentsOf: repeatElement(0, count: room))
                unsafe output.withUnsafeMutableBufferPointer { buffer in
                    unsafe stream.pointee.next_out = buffer.baseAddress.map { unsafe $0 + used }
                    unsafe stream.pointee.avail_out = UInt32(clamping: room)
                    _ = unsafe deflate(stream, Z_SYNC_FLUSH)
                }
                output.removeLast(Int(unsafe stream.pointee.avail_out))
            } while unsafe stream.pointee.avail_out == 0
        }
    }

    private func reset() {
        unsafe deflateReset(stream)
        guard level != levelInUse else { return }
        // Nothing waits in the compressor, so this writes nothing.
        unsafe deflateParams(stream, min(max(level, 1), 9), Z_DEFAULT_STRATEGY)
        levelInUse = level
    }
}
