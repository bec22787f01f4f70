internal import Compression

/// Decompresses one client's body. A class, because a `GzipReader` can't be kept in an array.
final class Inflater {
    private var reader: GzipReader
    private var input: [UInt8] = []

    init() throws(StreamFault) {
        do { reader = try GzipReader() } catch { throw .badGzip(error) }
    }

    func inflate(_ bytes: Span<UInt8>, into output: inout [UInt8]) throws(StreamFault) {
        input.removeAll(keepingCapacity: true)
        // Lifetime: the bytes are copied within the closure.
        unsafe bytes.withUnsafeBufferPointer { unsafe input.append(contentsOf: $0) }
        do { try reader.push(input, into: &output) } catch { throw .badGzip(error) }
    }
}
