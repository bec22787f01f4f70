internal import CNghttp2

/// Header fields as the library takes them.
struct HTTP2Fields: Hashable, Sendable {
    private struct Place: Hashable {
        var name: Range<Int>
        var value: Range<Int>
    }

    private var bytes: [UInt8] = []
    private var places: [Place] = []

    /// - Parameter name: in lower case.
    mutating func append(_ name: String, _ value: String) {
        let start = bytes.count
        bytes += name.utf8
        let middle = bytes.count
        bytes += value.utf8
        places.append(Place(name: start..<middle, value: middle..<bytes.count))
    }

    /// Calls `body` with the fields. They are valid until it returns.
    func withFields<Result>(_ body: (UnsafeBufferPointer<nghttp2_nv>) -> Result) -> Result {
        // Lifetime: the pointers lead into `bytes`, which stay where they are until the closure returns. The library
        // copies what it is given and never writes there, though its type says it might.
        unsafe bytes.withUnsafeBufferPointer { buffer in
            let base = unsafe UnsafeMutablePointer(mutating: buffer.baseAddress)
            let fields = unsafe places.map { place in
                unsafe nghttp2_nv(
                    name: base.map { unsafe $0 + place.name.lowerBound },
                    value: base.map { unsafe $0 + place.value.lowerBound }, namelen: place.name.count,
                    valuelen: place.value.count, flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue))
            }
            return unsafe fields.withUnsafeBufferPointer { unsafe body($0) }
        }
    }
}
