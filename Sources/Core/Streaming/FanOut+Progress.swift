internal import EventFormats

// Ids without an event: whoever is not shown a record moves on all the same (contract, section 3).
extension FanOut {
    /// Whether a subscriber's cursor has moved since its client was last given an id.
    ///
    /// One that stands in the ring got the id of each frame there, so what counts is what its feed passed since the last one.
    mutating func hasUntoldProgress(_ index: Int) -> Bool {
        feeds[Int(subscribers[index].feed)].catchUp()
        let feed = feeds[Int(subscribers[index].feed)]
        guard feed.subscription.format == .sse else { return false }
        if let replay = subscribers[index].replay { return replay.hasUntoldProgress }
        guard subscribers[index].isFollowing, subscribers[index].place == feed.ring.end else { return false }
        return feed.moves > max(feed.movesAtFrame, subscribers[index].knownMoves)
    }

    /// Whether it is time for an id-only event, in the place of a heartbeat (contract, section 3).
    mutating func isProgressDue(_ index: Int, _ now: Moment) -> Bool {
        guard hasUntoldProgress(index) else { return false }
        // A filter or a share may hide nearly all: without an id all of it would be looked through again on coming back.
        if feeds[Int(subscribers[index].feed)].subscription.isSelective { return true }
        var last = subscribers[index].idTime
        if subscribers[index].isFollowing { last = max(last, feeds[Int(subscribers[index].feed)].frameTime) }
        return now.monotonic.clampedSubtracting(last) >= options.progressInterval
    }

    /// Appends an id-only event with the subscriber's cursor of now. It stands between two frames.
    ///
    /// - Parameter isFinal: whether the stream ends with it, for it has sent all it was asked for.
    mutating func appendProgress(_ index: Int, _ now: Moment, isFinal: Bool = false) {
        let feed = Int(subscribers[index].feed)
        let positions = subscribers[index].replay?.positions ?? feeds[feed].positions
        appendOwn(index) { $0.appendProgress(positions: positions.span, isFinal: isFinal, to: &$1) }
        subscribers[index].replay?.hasUntoldProgress = false
        subscribers[index].knownMoves = feeds[feed].moves
        subscribers[index].idTime = now.monotonic
        statistics.progressSent += 1
    }
}
