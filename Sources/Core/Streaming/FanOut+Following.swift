internal import EventLog

// Feeds, and the subscribers that stand in their rings.
extension FanOut {
    /// Encodes what is new for a feed, in steps, and hands each to the followers before the next is made: so a burst of any
    /// size passes through a ring of bounded size.
    mutating func advance(_ number: Int, _ now: Moment) {
        guard feeds[number].isRead else {
            feeds[number].skip(to: tail)
            return countRing(number)
        }
        feeds[number].borrow(&buffer)
        while true {
            let progress = feeds[number].advance(
                tail, limit: ringStep, pieceBytes: options.gzipPieceBytes, now: now.monotonic)
            let isDelivered = pass(number, now)
            switch progress {
            case .more: if isDelivered, feeds[number].arriving == 0 { feeds[number].empty() }
            case .upToDate: return tidy(number, isDelivered: isDelivered)
            case .fellBehind:
                dismiss(number, before: .max)
                feeds[number].restart(at: tail)
            }
        }
    }

    /// How much is encoded before it is handed on. Bytes.
    var ringStep: Int { max(ringLimit / 4, 1) }

    /// Hands what was encoded to the followers.
    ///
    /// - Returns: whether each of them has had all of the ring.
    mutating func pass(_ number: Int, _ now: Moment) -> Bool {
        if let counts = feeds[number].gzip?.takeCounts() {
            statistics.gzipInputBytes += counts.plain
            statistics.gzipOutputBytes += counts.packed
        }
        // Subscribers in the part of the ring that is trimmed now become replays.
        makeRoom(number, ringLimit)
        return deliver(number, now)
    }

    /// Once everything was handed out: the ring keeps what somebody still has to get, and nothing else. One that stands in it
    /// alone and takes no bytes replays later: no ring is kept for one.
    ///
    /// - Parameter isDelivered: whether all followers have had all of the ring.
    mutating func tidy(_ number: Int, isDelivered: Bool) {
        if !isDelivered, feeds[number].members.count == 1, feeds[number].arriving == 0 {
            let index = Int(feeds[number].members[0])
            dismiss(index)
            subscribers[index].replay?.isLimited = false
        }
        let isNeeded = feeds[number].isRead && (!isDelivered || feeds[number].arriving > 0)
        feeds[number].giveBack(&buffer, isNeeded: isNeeded)
        countRing(number)
    }

    // MARK: What the rings hold together

    /// What a feed may keep for those who are slow. Bytes.
    private var ringLimit: Int {
        statistics.ringBytes > options.allRingsBytes ? min(options.ringBytes, ringShare) : options.ringBytes
    }

    /// An equal share for each ring that keeps anything. Bytes.
    private var ringShare: Int { options.allRingsBytes / max(statistics.rings, 1) }

    /// Counts what a ring holds after that has changed.
    mutating func countRing(_ number: Int) {
        let count = feeds[number].ring.count
        let before = feeds[number].countedBytes
        guard count != before else { return }
        statistics.ringBytes += count - before
        if before == 0 { statistics.rings += 1 }
        if count == 0 { statistics.rings -= 1 }
        feeds[number].countedBytes = count
    }

    /// Lets go of what no follower needs any more. Where the rings hold more than they may together, those go back to an equal
    /// share that hold more: the slow clients of these feeds become replays.
    mutating func tidyRings() {
        let limit = ringLimit
        for number in feeds.indices where feeds[number].countedBytes > 0 {
            if limit < options.ringBytes, feeds[number].ring.count > limit {
                statistics.ringsTrimmed += 1
                makeRoom(number, limit)
            }
            let end = feeds[number].ring.end
            tidy(number, isDelivered: feeds[number].members.allSatisfy { subscribers[Int($0)].place == end })
        }
    }

    /// One write for each follower that takes bytes.
    ///
    /// - Returns: whether each has had all of the ring.
    private mutating func deliver(_ number: Int, _ now: Moment) -> Bool {
        let end = feeds[number].ring.end
        var isDelivered = true
        for member in feeds[number].members.indices {
            let index = Int(feeds[number].members[member])
            guard subscribers[index].place != end else { continue }
            if !subscribers[index].isBlocked { follow(index, now) }
            if subscribers[index].place != end { isDelivered = false }
        }
        return isDelivered
    }

    /// Sends a follower what lies between its place and the ring's end. `pending` is empty.
    mutating func follow(_ index: Int, _ now: Moment) {
        let number = Int(subscribers[index].feed)
        let sink = subscribers[index].sink
        let end = feeds[number].ring.end
        var place = subscribers[index].place
        while place < end {
            let count = min(end - place, options.writeBytes)
            let first = feeds[number].ring.index(of: place)
            let bytes = feeds[number].ring.bytes
            let taken = sinks.write(bytes.span.extracting(first..<first + count), to: sink)
            if taken > 0 {
                place += taken
                subscribers[index].state = .following(place: place)
                subscribers[index].lastProgress = now.monotonic
                statistics.bytesSent += taken
            }
            if taken < count {
                block(index, now)
                return
            }
        }
        countFrames(index, upTo: feeds[number].frameCount)
    }

    private mutating func countFrames(_ index: Int, upTo frames: Int) {
        statistics.eventsSent += subscribers[index].passFrames(upTo: frames)
    }

    mutating func countEvents(_ index: Int, _ count: Int) {
        statistics.eventsSent += count
        subscribers[index].countEvents(count)
    }

    // MARK: Coming and going

    /// Stands a subscriber at a place of its feed's ring.
    mutating func join(_ index: Int, at place: Int, frames: Int) {
        let number = Int(subscribers[index].feed)
        if let replay = subscribers[index].replay, !replay.hasUntoldProgress {
            // The feed may have passed records since without making a frame: the client has no id for them yet.
            subscribers[index].knownMoves = replay.movesAtTarget
        } else {
            subscribers[index].knownMoves = feeds[number].moves
            feeds[number].countMove()
        }
        setState(index, .following(place: place))
        _ = subscribers[index].passFrames(upTo: frames)
        subscribers[index].member = Int32(feeds[number].members.count)
        feeds[number].members.append(Int32(index))
        guard let gzip = feeds[number].gzip else { return }
        if place == feeds[number].ring.end { gzip.startAnew() }
        gzipBodies[index]?.join(gzip.sum(at: place))
    }

    /// Changes a subscriber's state and counts the subscribers that replay.
    mutating func setState(_ index: Int, _ state: Subscriber<Sinks.ID>.State) {
        let number = Int(subscribers[index].feed)
        if let old = subscribers[index].replay {
            statistics.replaying -= 1
            if old.joins { feeds[number].arriving -= 1 }
        }
        if case .replaying(let replay) = state {
            statistics.replaying += 1
            if replay.joins { feeds[number].arriving += 1 }
        }
        subscribers[index].state = state
    }

    /// Takes a subscriber out of its feed's members, if it is one.
    mutating func leaveRing(_ index: Int) {
        let member = Int(subscribers[index].member)
        guard member >= 0 else { return }
        let number = Int(subscribers[index].feed)
        subscribers[index].member = -1
        guard let last = feeds[number].members.popLast(), Int(last) != index else { return }
        feeds[number].members[member] = last
        subscribers[Int(last)].member = Int32(member)
    }

    /// Makes a follower replay from where it stands. If it has a part of a frame, the rest of that frame is kept for it.
    mutating func dismiss(_ index: Int) {
        var walk = feeds[Int(subscribers[index].feed)].walk()
        dismiss(index, &walk)
    }

    private mutating func dismiss(_ index: Int, _ walk: inout Feed.Walk) {
        let number = Int(subscribers[index].feed)
        let isUntold = hasUntoldProgress(index)
        let place = subscribers[index].place
        let departure = feeds[number].departure(from: place, &walk)
        countFrames(index, upTo: feeds[number].frameCount - departure.unseenFrames)
        if let gzip = feeds[number].gzip { gzipBodies[index]?.leave(gzip.sum(at: departure.place)) }
        leaveRing(index)
        if !departure.frame.isEmpty {
            let ring = feeds[number].ring
            keepRest(index, ring.bytes[departure.frame], from: ring.index(of: place))
        }
        let replay = Replay(
            partitions: feeds[number].partitions, positions: departure.positions,
            incarnations: feeds[number].incarnations, hasRead: true, needs: feeds[number].needs)
        replay.hasUntoldProgress = isUntold || departure.hasUntoldProgress
        setState(index, .replaying(replay))
    }

    /// Trims the ring, after it has dismissed the subscribers in the part that goes.
    ///
    /// - Parameter most: what it may keep. Bytes.
    private mutating func makeRoom(_ number: Int, _ most: Int) {
        guard feeds[number].ring.count > most else { return }
        let limit = most / 2
        dismiss(number, before: feeds[number].startIfTrimmed(to: limit))
        feeds[number].trim(to: limit)
    }

    /// Makes those who stand before a place of the feed's ring replay from where they stand.
    mutating func dismiss(_ number: Int, before start: Int) {
        var leaving = feeds[number].members.filter { subscribers[Int($0)].place < start }
        guard !leaving.isEmpty else { return }
        leaving.sort { subscribers[Int($0)].place < subscribers[Int($1)].place }
        var walk = feeds[number].walk()
        for member in leaving.reversed() { dismiss(Int(member), &walk) }
        for member in leaving where !subscribers[Int(member)].isBlocked { enqueue(Int(member)) }
    }
}
