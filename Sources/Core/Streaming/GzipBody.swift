internal import Compression
internal import EventFormats

/// One subscriber's gzip body: a single member, of which only the sum is kept, for the member's end to tell.
///
/// While the subscriber stands in its feed's ring not even that is touched: what it got there is what the feed's text sums up
/// to where it leaves, without what it summed up to where it joined.
final class GzipBody {
    private let isChunked: Bool
    /// Of all that was sent, but for what came from the ring since it joined.
    private var sum = GzipSum()
    private var hasBegun = false
    /// The feed's sum where the subscriber joined, while it follows.
    private var joined: GzipSum?

    init(isChunked: Bool) {
        self.isChunked = isChunked
    }

    /// The subscriber stands in the ring where the feed's text sums up to this.
    func join(_ feed: GzipSum) { joined = feed }

    /// The subscriber has had what lies between the place where it joined and this one.
    func leave(_ feed: GzipSum) {
        if let joined { sum = sum.followed(by: feed.without(joined)) }
        joined = nil
    }

    /// Text that was sent, compressed elsewhere.
    func add(_ text: Span<UInt8>) { sum.add(text) }

    /// Appends text of this subscriber alone, as it is: no compressor is held for it. Nothing of the feed that comes after may
    /// refer to what is before.
    func append(_ text: Span<UInt8>, to bytes: inout [UInt8]) {
        sum.add(text)
        frame(&bytes) { bytes in
            if !hasBegun { bytes += Gzip.header }
            hasBegun = true
            Gzip.appendStored(text, to: &bytes)
        }
    }

    func appendEnd(to bytes: inout [UInt8]) {
        frame(&bytes) { Gzip.appendEnd(sum, to: &$0) }
    }

    private func frame(_ bytes: inout [UInt8], _ write: (inout [UInt8]) -> Void) {
        let mark = isChunked ? ChunkFraming.begin(&bytes) : nil
        write(&bytes)
        if let mark { ChunkFraming.end(&bytes, mark) }
    }
}
