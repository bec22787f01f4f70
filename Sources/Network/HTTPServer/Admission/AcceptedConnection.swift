internal import HTTP

/// A connection that was accepted, on its way to the loop that serves it.
struct AcceptedConnection: Sendable {
    var descriptor: Int32
    var listener: Int
    /// What it counts for; nil: it is not counted by address.
    var peer: AddressKey?
    /// Why it is not served; nil: it is.
    var refusal: Refusal?
}
