/// Bytes that wait to be sent, in order.
struct Outbox {
    private var bytes: [UInt8] = []
    private var start = 0
    /// How many of the bytes a budget counts.
    var held = 0

    init() {}
    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isEmpty: Bool { start == bytes.count }
    var count: Int { bytes.count - start }

    static func += (outbox: inout Outbox, more: some Sequence<UInt8>) { outbox.bytes += more }

    /// So many of the first bytes have been sent.
    mutating func remove(_ count: Int) {
        start += count
        if isEmpty { self = Outbox() }
    }

    /// Calls `body` with what waits. The bytes are valid until it returns.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        // Nothing changes the array while the closure runs.
        unsafe bytes.withUnsafeBytes { unsafe body(UnsafeRawBufferPointer(rebasing: $0[start...])) }
    }
}
