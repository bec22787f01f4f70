internal import COpenSSL

/// Why there is no TLS: with these files, or on this connection. Each says it in words.
public enum TLSError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A certificate's file does not hold what it should.
    case badCertificate(String)
    /// A key's file does not hold a private key that can be used.
    case badKey(String)
    /// The key belongs to another certificate.
    case keyOfAnotherCertificate
    /// The peer broke a rule of TLS, or there is nothing that both sides speak.
    case violation(String)
    /// The peer wants to be sent to with another key than the one that was handed on.
    case asksForNewKey
    case noMemory

    public var description: String {
        switch self {
        case .badCertificate(let reason): "the certificate can't be used: \(reason)"
        case .badKey(let reason): "the private key can't be used: \(reason)"
        case .keyOfAnotherCertificate: "the private key does not belong to the certificate"
        case .violation(let reason): "TLS failed: \(reason)"
        case .asksForNewKey: "the peer asked for a new key, which the kernel is not given"
        case .noMemory: "no memory is left"
        }
    }
}

/// What OpenSSL said last on this thread, in its words; its notes are removed.
func takeReason() -> String {
    let code = ERR_peek_last_error()
    ERR_clear_error()
    // Lifetime: the library's texts are constants.
    guard code != 0, let text = unsafe ERR_reason_error_string(code) else { return "no reason is known" }
    return unsafe String(cString: text)
}
