internal import EventFormats
internal import EventLog

// Subscribers behind their feeds, or with an end of their own.
extension FanOut {
    /// Places a new subscriber: in its feed's ring if it starts there, else on the way to it.
    mutating func begin(_ index: Int, _ request: SubscriptionRequest, _ now: Moment) {
        let number = Int(subscribers[index].feed)
        if request.start == .live, request.limit == nil, request.until == nil, request.gaps.isEmpty {
            return join(index, at: feeds[number].ring.end, frames: feeds[number].frameCount)
        }
        feeds[number].catchUp()
        let partitions = feeds[number].partitions
        var positions = feeds[number].positions
        var incarnations = feeds[number].incarnations
        var later: [TopicPartition: Position] = [:]
        if case .at(let starts) = request.start {
            var left = starts.count
            for (ordinal, partition) in partitions.enumerated() {
                let start = starts[tail.partitions[partition].topicPartition]
                if start != nil { left -= 1 }
                positions[ordinal] = start ?? tail.partitions[partition].origin
                incarnations[ordinal] = tail.partitions[partition].incarnation
            }
            if left > 0 {
                let known = Set(partitions.map { tail.partitions[$0].topicPartition })
                later = starts.filter { !known.contains($0.key) && request.subscription.includes($0.key) }
            }
        }
        let until = request.until.map { time in
            let ends = partitions.map {
                request.ends?[tail.partitions[$0].topicPartition] ?? tail.partitions[$0].end.offset
            }
            return Replay.Until(time: time, began: now.wall, ends: ContiguousArray(ends))
        }
        let replay = Replay(
            partitions: partitions, positions: positions, incarnations: incarnations, gaps: request.gaps,
            limit: request.limit, until: until, later: later, needs: feeds[number].needs)
        setState(index, .replaying(replay))
    }

    /// Takes the feed's cursor of now as what to reach.
    ///
    /// - Parameter joinsThere: whether it will take its time. One that arrives at once says so by joining.
    private mutating func setBounds(_ index: Int, joinsThere: Bool = true) {
        guard let replay = subscribers[index].replay else { return }
        let number = Int(subscribers[index].feed)
        feeds[number].catchUp()
        if replay.joins {
            replay.setBounds(feeds[number].positions, target: feeds[number].ring.end, moves: feeds[number].moves)
            if joinsThere { feeds[number].gzip?.startAnew() }
        } else {
            replay.setBounds(toEndOf: tail)
        }
    }

    mutating func enqueue(_ index: Int) {
        if let replay = subscribers[index].replay { lines.enqueue(id(of: index), replay) }
    }

    mutating func wakeThoseAtEnd() {
        for id in lines.takeAtEnd() {
            guard let index = index(of: id), let replay = subscribers[index].replay else { continue }
            replay.isAtEnd = false
            if replay.joins { setBounds(index, joinsThere: false) }
            enqueue(index)
        }
    }

    /// A partition was made anew: a block of the old one, for which a replay waits, may never come.
    mutating func wakeThoseWaiting() {
        for index in subscribers.indices {
            guard let replay = subscribers[index].replay, !replay.missing.isEmpty else { continue }
            replay.forgetMissing()
            enqueue(index)
        }
    }

    /// Lets the replays that can go on work in turn, until the budget of the loop's turn is used.
    mutating func runReplays(_ now: Moment) {
        var budget = options.replayTurnBytes
        var turns = lines.count
        while budget > 0, turns > 0, let id = lines.popFirst() {
            turns -= 1
            guard let index = index(of: id), let replay = subscribers[index].replay else { continue }
            replay.isQueued = false
            budget -= max(replayOnce(index, now, work: budget), 64)
        }
    }

    /// Sends a replaying subscriber one buffer's worth, and says what it waits for then.
    ///
    /// - Parameter work: how many bytes it may look at.
    /// - Returns: how many it looked at or wrote.
    private mutating func replayOnce(_ index: Int, _ now: Moment, work most: Int) -> Int {
        guard let replay = subscribers[index].replay, !subscribers[index].isBlocked, !owes(index) else { return 0 }
        let number = Int(subscribers[index].feed)
        // For one that is alone no ring is kept: it joins where its feed is when it arrives.
        if replay.noticeIncarnations(tail) || replay.target < 0 || !feeds[number].isRead { setBounds(index) }
        if let gap = replay.takeGap(tail) {
            statistics.gaps[gap.reason, default: 0] += 1
            let positions = replay.positions
            appendOwn(index) { $0.appendGap(gap, positions: positions.span, to: &$1) }
            replay.hasUntoldProgress = false
            flush(index, now)
            return 0
        }
        if !replay.joins { replay.setBounds(toEndOf: tail) }
        var limit = options.writeBytes
        if options.replayBytesPerSecond > 0, replay.isLimited {
            limit = min(limit, replay.allowed(options.replayBytesPerSecond, now))
            if limit == 0 {
                lines.rest(id(of: index), replay)
                return 0
            }
        }
        scratch.removeAll(keepingCapacity: true)
        marks.removeAll(keepingCapacity: true)
        var left = most
        let outcome = replay.fill(
            &scratch, &marks, limit: limit, work: &left, feed: feeds[number], tail: tail)
        // Compressing takes longer than writing.
        let written = max(scratch.count * (gzipBodies[index] == nil ? 1 : 4), most - left)
        let before = statistics.bytesSent
        if !marks.isEmpty { subscribers[index].idTime = now.monotonic }
        let isSent = sendScratch(index, replay, now)
        replay.spend(statistics.bytesSent - before + rests.left(of: index))
        guard isSent else { return written }
        switch outcome {
        case .full: enqueue(index)
        case .missing: request(index, replay)
        case .limitReached: end(index, now, isFulfilled: true)
        case .atBounds: arrive(index, replay, now)
        case .gap(let ordinal, let block, let entry):
            guard var gap = block.gap(of: entry) else { break }
            statistics.gaps[gap.reason, default: 0] += 1
            let position = replay.positions[ordinal].offset
            if position > entry.offset { gap.from = position }
            replay.pass(ordinal, to: entry.position)
            let positions = replay.positions
            appendOwn(index) { $0.appendGap(gap, positions: positions.span, to: &$1) }
            replay.hasUntoldProgress = false
            flush(index, now)
        }
        return written
    }

    /// Writes the frames in the buffer. Where the sink takes only a part, the replay takes back the frames behind the cut.
    private mutating func sendScratch(_ index: Int, _ replay: Replay, _ now: Moment) -> Bool {
        guard !scratch.isEmpty else { return true }
        let sink = subscribers[index].sink
        if let body = gzipBodies[index] {
            let sent = sendPacked(index, body, sink, now)
            countEvents(index, sent)
            if sent == marks.count, !owes(index) { return true }
            block(index, now)
            replay.rewind(marks, keeping: sent)
            return false
        }
        let taken = sinks.write(scratch.span, to: sink)
        if taken > 0 {
            subscribers[index].lastProgress = now.monotonic
            statistics.bytesSent += taken
        }
        guard taken < scratch.count else {
            countEvents(index, marks.count)
            return true
        }
        var whole = 0
        while whole < marks.count, marks[whole].end <= taken { whole += 1 }
        let begin = whole == 0 ? 0 : marks[whole - 1].end
        let isCut = taken > begin
        if isCut { keepRest(index, scratch[begin..<marks[whole].end], from: taken) }
        block(index, now)
        let sent = whole + (isCut ? 1 : 0)
        countEvents(index, sent)
        replay.rewind(marks, keeping: sent)
        return false
    }

    /// All partitions have reached their bounds.
    private mutating func arrive(_ index: Int, _ replay: Replay, _ now: Moment) {
        let number = Int(subscribers[index].feed)
        if !replay.joins {
            if let until = replay.until, replay.isOver || now.wall >= until.latest.clampedAdding(options.untilGrace) {
                return end(index, now, isFulfilled: true)
            }
            return lines.waitAtEnd(id(of: index), replay)
        }
        guard replay.isExactlyAtBounds, replay.later.isEmpty else {
            if !replay.hasBounds(feeds[number].positions) {
                // The feed has gone on meanwhile.
                setBounds(index)
                return enqueue(index)
            }
            // Ahead of this loop: it resumed at what the log has and the loop has yet to hear of.
            return lines.waitAtEnd(id(of: index), replay)
        }
        guard feeds[number].canJoin(at: replay.target) else {
            // The feed went on, too far or without a place to join at. Its cursor of now is the new aim.
            setBounds(index)
            return enqueue(index)
        }
        statistics.joins += 1
        join(index, at: replay.target, frames: feeds[number].frameCount(at: replay.target))
        follow(index, now)
    }

    /// A new second: all have something to spend again.
    mutating func resumeResting() {
        for id in lines.takeResting() {
            guard let index = index(of: id), let replay = subscribers[index].replay else { continue }
            replay.isResting = false
            enqueue(index)
        }
    }

    // MARK: Blocks of the log

    private mutating func request(_ index: Int, _ replay: Replay) {
        replay.isLimited = true
        for key in replay.missing where replay.asked.insert(key).inserted {
            requests.add(key, for: id(of: index))
        }
    }

    /// Hands over the result of a request for a block to all that wait for it.
    public mutating func blockDidArrive(_ result: BlockResult, for key: BlockKey, now: Moment) {
        switch result {
        case .unavailable:
            return requests.retry(key, at: now.monotonic + options.retryDelay)
        case .block(let block) where block.version < tail.version:
            // It was read before the rules changed.
            statistics.outdatedBlocks += 1
            return requests.askAgain(key)
        default: break
        }
        let ids = requests.answer(key)
        guard tail.partitions.indices.contains(key.partition) else { return }
        let name = tail.partitions[key.partition].topicPartition
        for id in ids {
            guard let index = index(of: id), let replay = subscribers[index].replay else { continue }
            replay.take(result, for: key, topicPartition: name)
            // Blocked ones take it from the cache when their time comes.
            if subscribers[index].isBlocked { replay.letGo() } else if replay.missing.isEmpty { enqueue(index) }
        }
    }

    /// Asks again for blocks that could not be read, where a replay still waits for them.
    mutating func retryRequests(_ now: Moment) {
        let subscribers = subscribers
        requests.retryDue(now: now.monotonic) { id, key in
            subscribers.index(of: id).map { subscribers[$0].replay?.asked.contains(key) ?? false } ?? false
        }
    }
}
