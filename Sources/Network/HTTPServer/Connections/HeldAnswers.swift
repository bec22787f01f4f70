internal import HTTP

/// Bytes of answers that clients have not taken yet, on one loop: in all and by address.
///
/// An address over its bound loses the answer that made it so. When all together are over theirs, the answer goes that
/// has made no progress for longest; `HTTPExchanges` finds it.
struct HeldAnswers {
    /// What a change came to.
    enum Verdict: Equatable {
        case fits
        case addressHoldsTooMuch
        case tooMuchInAll
    }

    let maximum: Int
    let maximumPerAddress: Int
    private(set) var bytes = 0
    private var byAddress: [AddressKey: Int] = [:]

    init(maximum: Int, maximumPerAddress: Int) {
        self.maximum = maximum
        self.maximumPerAddress = maximumPerAddress
    }

    /// - Parameters:
    ///   - peer: nil for one whose address is not counted.
    ///   - delta: bytes more, or fewer.
    mutating func change(_ peer: AddressKey?, by delta: Int) -> Verdict {
        bytes += delta
        if let peer, delta != 0 {
            let held = byAddress[peer, default: 0] + delta
            byAddress[peer] = held > 0 ? held : nil
            if delta > 0, held > maximumPerAddress { return .addressHoldsTooMuch }
        }
        return delta > 0 && bytes > maximum ? .tooMuchInAll : .fits
    }
}
