internal import COpenSSL

/// Memory that the sessions of one thread share: what each call takes in and gives out is here for the time of that call only.
/// Not Sendable.
@safe public final class TLSBuffers {
    // Lifetime: allocated here, freed in `deinit`. Sessions hold on to this object, and their BIOs to the pointer.
    let transfer: UnsafeMutablePointer<copenssl_transfer>

    public init() {
        unsafe transfer = .allocate(capacity: 1)
        unsafe transfer.initialize(to: copenssl_transfer())
    }

    deinit {
        unsafe free(transfer.pointee.output)
        unsafe transfer.deallocate()
    }

    /// Calls `body` with what the last calls of sessions have to send. The bytes are valid until it returns.
    public func withOutput<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe body(UnsafeRawBufferPointer(start: transfer.pointee.output, count: transfer.pointee.output_count))
    }

    public var hasOutput: Bool { unsafe transfer.pointee.output_count > 0 }

    var outputCount: Int { unsafe transfer.pointee.output_count }

    /// Of the key that OpenSSL has told, nothing is left here.
    func removeKey() {
        unsafe withUnsafeMutableBytes(of: &transfer.pointee.key) { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) }
        unsafe transfer.pointee.key_count = 0
    }

    func removeOutput(after count: Int) { unsafe transfer.pointee.output_count = count }

    public func removeOutput() { unsafe transfer.pointee.output_count = 0 }
}
