internal import HTTP

/// A connection that was accepted, on its way to the loop that serves it.
struct AcceptedConnection: Sendable {
    var descriptor: Int32
    var listener: Int
    /// Nil where it has no internet address.
    var peer: AddressKey?
    /// Whether it counts for its address.
    var isCounted = true
    /// Whether it begins with a header of the PROXY protocol.
    var hasProxyHeader = false
    /// Why it is not served; nil: it is.
    var refusal: Refusal?

    /// What it counts for.
    var share: Admission.Share {
        Admission.Share(peer: isCounted ? peer : nil, isRefused: refusal != nil)
    }
}
