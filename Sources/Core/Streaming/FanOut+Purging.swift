// What was made of blocks of an older version: catalogue or redaction have changed.
extension FanOut {
    /// Drops everything that was prepared under an older version: the rings, the blocks that replays hold, and the rests of
    /// events. Subscribers at their feed's end stay there; the others become replays from their cursors and get what
    /// they have not had yet as it is now.
    ///
    /// One that has a part of an event is cut off, because the rest that it would need is of the old rules. It has the id
    /// of the event before, and gets the whole of it when it comes back.
    mutating func purge(_ now: Moment) {
        for number in feeds.indices where feeds[number].users > 0 {
            dismiss(number, before: feeds[number].ring.end)
            feeds[number].empty()
            countRing(number)
        }
        for index in subscribers.indices {
            subscribers[index].replay?.letGo()
            if rests.has(index) { evict(index, .outdated) }
        }
    }
}
