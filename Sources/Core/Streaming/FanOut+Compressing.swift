internal import Compression
internal import EventFormats

// Bodies in gzip: see `GzipFeed` for the one rule that holds them together.
extension FanOut {
    /// Whether the loop would serve this subscription compressed: it has a feed for it, or may make one.
    public func compresses(_ subscription: Subscription) -> Bool {
        subscription.encoding == .gzip && (hasFeed(for: subscription) || statistics.gzipFeeds < options.gzipFeeds)
    }

    /// The subscription in the encoding in which the loop serves it: without compression where too many feeds compress already.
    /// To be asked right before `subscribe`.
    public mutating func admit(_ subscription: Subscription) -> Subscription {
        guard subscription.encoding == .gzip, !compresses(subscription) else { return subscription }
        statistics.gzipRefused += 1
        var plain = subscription
        plain.encoding = .identity
        return plain
    }

    /// Appends a frame that is for this subscriber alone. One that follows must have had all of the ring.
    mutating func appendOwn(_ index: Int, _ write: (FrameEncoder, inout [UInt8]) -> Void) {
        let feed = Int(subscribers[index].feed)
        var frame: [UInt8] = []
        write(feeds[feed].encoder, &frame)
        guard !frame.isEmpty else { return }
        guard let body = gzipBodies[index] else { return addPending(index, frame) }
        let isFollowing = subscribers[index].isFollowing
        if isFollowing, let gzip = feeds[feed].gzip {
            body.leave(gzip.sum)
            gzip.startAnew()
        }
        var packed: [UInt8] = []
        body.append(frame.span, to: &packed)
        addPending(index, packed)
        if isFollowing, let gzip = feeds[feed].gzip { body.join(gzip.sum) }
    }

    /// Appends the orderly end of a body, with when to come back. Milliseconds.
    mutating func appendEnd(_ index: Int, retry: Int64) {
        appendOwn(index) { $0.appendRetry(milliseconds: retry, to: &$1) }
        var end: [UInt8] = []
        gzipBodies[index]?.appendEnd(to: &end)
        if feeds[Int(subscribers[index].feed)].subscription.isChunked { ChunkFraming.appendLast(to: &end) }
        if !end.isEmpty { addPending(index, end) }
    }

    // MARK: Replays

    /// Some frames of the buffer, compressed together.
    struct Piece {
        /// How many frames the buffer has up to its end, and how many bytes.
        var frames: Int
        var plainEnd: Int
        /// The place after it in `packed`.
        var end: Int
    }

    /// Compresses the frames in the buffer, in pieces that refer to nothing outside themselves. One compressor serves all
    /// replays of the loop in turn.
    mutating func packScratch(isChunked: Bool) {
        let deflater = replayDeflater ?? Deflater(.quick)
        replayDeflater = deflater
        // Taken out, so that it isn't borrowed with the rest while it is written.
        var output: [UInt8] = []
        swap(&output, &packed)
        output.removeAll(keepingCapacity: true)
        pieces.removeAll(keepingCapacity: true)
        var start = 0
        for (index, mark) in marks.enumerated()
        where mark.end - start >= options.gzipPieceBytes || index == marks.count - 1 {
            let chunk = isChunked ? ChunkFraming.begin(&output) : nil
            deflater.append(scratch.span.extracting(start..<mark.end), startsAnew: true, to: &output)
            if let chunk { ChunkFraming.end(&output, chunk) }
            pieces.append(Piece(frames: index + 1, plainEnd: mark.end, end: output.count))
            start = mark.end
        }
        swap(&output, &packed)
        statistics.gzipInputBytes += start
        statistics.gzipOutputBytes += packed.count
    }

    /// Writes the frames in the buffer, compressed. A piece of which anything was taken is sent whole: its rest is pending.
    ///
    /// - Returns: how many frames are sent.
    mutating func sendPacked(_ index: Int, _ body: GzipBody, _ sink: Sinks.ID, _ now: Moment) -> Int {
        packScratch(isChunked: feeds[Int(subscribers[index].feed)].subscription.isChunked)
        let taken = sinks.write(packed.span, to: sink)
        var sent = 0
        while sent < pieces.count, sent == 0 ? taken > 0 : pieces[sent - 1].end < taken { sent += 1 }
        if taken > 0 {
            subscribers[index].lastProgress = now.monotonic
            statistics.bytesSent += taken
        }
        guard sent > 0 else { return 0 }
        let last = pieces[sent - 1]
        body.add(scratch.span.extracting(0..<last.plainEnd))
        if taken < last.end {
            keepRest(index, packed[(sent > 1 ? pieces[sent - 2].end : 0)..<last.end], from: taken)
        }
        return last.frames
    }
}
