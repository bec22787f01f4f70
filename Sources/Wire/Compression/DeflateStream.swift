internal import CISAL
internal import CZlib

/// A library's compressor with its memory. Making one fails where there is no memory.
protocol DeflateStream: AnyObject {
    /// Forgets what was compressed before.
    func reset()

    /// Compresses, and flushes to the edge of a byte. Where the room from `used` on is used up there may be more to come.
    ///
    /// - Parameters: of less than 4 GiB each.
    func flush(_ input: Span<UInt8>, into room: inout MutableSpan<UInt8>, from used: Int) -> (taken: Int, written: Int)
}

/// ISA-L's first level, made for the vector units of processors. About as small as zlib's first level, at a fraction of its
/// cost.
@safe final class ISALStream: DeflateStream {
    /// Lifetime: allocated in `init`, freed in `deinit`.
    private let deflater: UnsafeMutableRawPointer

    init?() {
        guard let deflater = unsafe cisal_deflater_new() else { return nil }
        unsafe self.deflater = deflater
    }

    deinit { unsafe cisal_deflater_free(deflater) }

    func reset() { unsafe cisal_deflater_reset(deflater) }

    func flush(
        _ input: Span<UInt8>, into room: inout MutableSpan<UInt8>, from used: Int
    ) -> (taken: Int, written: Int) {
        // Lifetime: ISA-L keeps what it needs of the input, and no pointer past the call.
        let (inputCount, roomCount) = (UInt32(input.count), UInt32(room.count - used))
        var (inputLeft, roomLeft) = (inputCount, roomCount)
        unsafe input.withUnsafeBufferPointer { input in
            unsafe room.withUnsafeMutableBufferPointer { room in
                unsafe cisal_deflater_flush(
                    deflater, input.baseAddress, &inputLeft, room.baseAddress.map { unsafe $0 + used }, &roomLeft)
            }
        }
        return (Int(inputCount - inputLeft), Int(roomCount - roomLeft))
    }
}

/// zlib's sixth level, the usual one.
@safe final class ZlibStream: DeflateStream {
    /// Lifetime: allocated in `init`, freed in `deinit`. zlib wants it to stay where it was initialised.
    private let stream: UnsafeMutablePointer<z_stream>

    init?() {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        guard unsafe czlib_raw_deflater_init(stream, 6) == Z_OK else {
            unsafe stream.deallocate()
            return nil
        }
    }

    deinit {
        unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }

    func reset() { unsafe deflateReset(stream) }

    func flush(
        _ input: Span<UInt8>, into room: inout MutableSpan<UInt8>, from used: Int
    ) -> (taken: Int, written: Int) {
        let stream = unsafe stream
        let (inputCount, roomCount) = (UInt32(input.count), UInt32(room.count - used))
        // Lifetime: zlib keeps no pointer into the input or the output past its call, within the closures.
        unsafe input.withUnsafeBufferPointer { input in
            unsafe room.withUnsafeMutableBufferPointer { room in
                unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                unsafe stream.pointee.avail_in = inputCount
                unsafe stream.pointee.next_out = room.baseAddress.map { unsafe $0 + used }
                unsafe stream.pointee.avail_out = roomCount
                _ = unsafe deflate(stream, Z_SYNC_FLUSH)
            }
        }
        return unsafe (Int(inputCount - stream.pointee.avail_in), Int(roomCount - stream.pointee.avail_out))
    }
}
