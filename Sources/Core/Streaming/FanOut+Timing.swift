public import EventFormats

// Heartbeats, stalls, ages, and the ends of streams.
extension FanOut {
    /// Looks at what time has brought. To be called about every `FanOutOptions.tickInterval`.
    public mutating func tick(now: Moment) {
        retryRequests(now)
        for entry in wheel.take(now: now.monotonic) {
            let index = Int(entry)
            // Stale entry: a sooner one replaced it, or its subscriber is gone.
            guard subscribers[index].due <= wheel.slot else { continue }
            look(index, now)
            if !subscribers[index].isFree { schedule(index, now) }
        }
        relieve()
        if now.monotonic >= nextSecond {
            nextSecond = now.monotonic.clampedAdding(1_000)
            resumeResting()
            tidyRings()
        }
    }

    /// How long before it would be late a heartbeat is sent: two ticks, and what a busy loop may add. It may be a tenth of a second more,
    /// for progress is kept in tenths, rounded down. Milliseconds.
    private var heartbeatLead: Int64 { 2 * FanOutOptions.tickInterval + 50 }

    /// When this subscriber has to be looked at again.
    mutating func schedule(_ index: Int, _ now: Moment) {
        let subscriber = subscribers[index]
        var due = min(subscriber.lastProgress + Int64(subscriber.heartbeat) - heartbeatLead, ends[index])
        if subscriber.isBlocked { due = min(due, now.monotonic + stallCheck) }
        if let until = subscriber.replay?.until {
            let left = until.latest.clampedAdding(options.untilGrace).clampedSubtracting(now.wall)
            due = min(due, now.monotonic.clampedAdding(max(left, 0)))
        }
        subscribers[index].due = wheel.add(index, at: due)
    }

    /// How often a client that takes no bytes is looked at.
    private var stallCheck: Int64 { max(options.stallTimeout / 4, 1_000) }

    /// Moves the next look at a subscriber forward to `time`, if that is sooner.
    private mutating func look(_ index: Int, by time: Int64) {
        guard wheel.slot(of: time) < subscribers[index].due else { return }
        subscribers[index].due = wheel.add(index, at: time)
    }

    /// The sink did not take all: nothing more until it is writable.
    mutating func block(_ index: Int, _ now: Moment) {
        subscribers[index].isBlocked = true
        subscribers[index].replay?.letGo()
        measureUnsent(index)
        look(index, by: min(now.monotonic + stallCheck, ends[index]))
    }

    private mutating func look(_ index: Int, _ now: Moment) {
        if subscribers[index].isBlocked { checkStall(index, now) } else { checkHeartbeat(index, now) }
        guard !subscribers[index].isFree, ends[index] <= now.monotonic else { return }
        if subscribers[index].isEnding { evict(index, .drainTimeout) } else { end(index, now) }
    }

    /// A client is cut off because it takes nothing, never because it is far behind.
    private mutating func checkStall(_ index: Int, _ now: Moment) {
        if measureUnsent(index) { subscribers[index].lastProgress = now.monotonic }
        guard now.monotonic - subscribers[index].lastProgress >= options.stallTimeout else { return }
        evict(index, .stalled)
    }

    private mutating func checkHeartbeat(_ index: Int, _ now: Moment) {
        measureUnsent(index)
        if let replay = subscribers[index].replay {
            // It may be time for `until` to end it.
            if replay.isAtEnd { enqueue(index) }
        }
        let silence = now.monotonic - subscribers[index].lastProgress
        guard silence >= Int64(subscribers[index].heartbeat) - heartbeatLead else { return }
        sendHeartbeat(index, now)
    }

    /// The client has ended its side of the connection: it may be gone, or read on. A heartbeat finds out, for one who is
    /// gone answers with a reset.
    public mutating func probe(_ id: SubscriberID, now: Moment) {
        guard let index = index(of: id), !subscribers[index].isBlocked else { return }
        sendHeartbeat(index, now)
    }

    private mutating func sendHeartbeat(_ index: Int, _ now: Moment) {
        guard !subscribers[index].isEnding, !owes(index) else { return }
        // Nothing may stand between the two halves of a frame.
        guard
            !subscribers[index].isFollowing
                || subscribers[index].place == feeds[Int(subscribers[index].feed)].ring.end
        else { return }
        if isProgressDue(index, now) {
            appendProgress(index, now)
        } else {
            appendOwn(index) { $0.appendHeartbeat(time: now.wall, to: &$1) }
            statistics.heartbeatsSent += 1
        }
        flush(index, now)
    }

    mutating func evict(_ index: Int, _ reason: EvictionReason) {
        statistics.evictions[reason, default: 0] += 1
        end(index, by: .abort(subscribers[index].sink, reason))
        release(index)
    }

    // MARK: Sending what is pending

    /// Sends what must go before anything else; then lets the subscriber go on.
    mutating func flush(_ index: Int, _ now: Moment) {
        let sink = subscribers[index].sink
        guard sendRest(index, sink, now) else { return }
        if let bytes = pending[index] {
            let taken = sinks.write(bytes.span, to: sink)
            if taken > 0 {
                subscribers[index].lastProgress = now.monotonic
                statistics.bytesSent += taken
                statistics.ownBytes -= taken
            }
            guard taken == bytes.count else {
                pending[index]?.removeFirst(taken)
                block(index, now)
                return
            }
            pending[index] = nil
        }
        switch subscribers[index].state {
        case .free: return
        case .following: follow(index, now)
        case .replaying(let replay):
            // One that waits, for blocks or for new records, is woken by what it waits for.
            if !replay.isAtEnd, replay.missing.isEmpty { enqueue(index) }
        case .ending:
            statistics.ended += 1
            end(index, by: .finish(sink))
            release(index)
        }
    }

    // MARK: Ends

    /// Ends one stream in order, because what it asked for has changed.
    ///
    /// - Parameter notice: tells the client why; nil where it only has to come back.
    public mutating func end(_ id: SubscriberID, telling notice: Notice?, now: Moment) {
        guard let index = index(of: id) else { return }
        end(index, now, telling: notice)
    }

    /// Ends one stream in order: the frame it is in, what its client is to know, when to come back, and the end of the
    /// body.
    ///
    /// - Parameter isFulfilled: whether it has sent all it was asked for: its `limit`, or up to its `until`. Its last id says
    ///   so, always: a browser comes back with it by itself.
    mutating func end(_ index: Int, _ now: Moment, telling notice: Notice? = nil, isFulfilled: Bool = false) {
        guard !subscribers[index].isEnding, !subscribers[index].isFree else { return }
        if subscribers[index].isFollowing { dismiss(index) }
        let hasID = feeds[Int(subscribers[index].feed)].subscription.format == .sse
        if isFulfilled && hasID || hasUntoldProgress(index) { appendProgress(index, now, isFinal: isFulfilled) }
        setState(index, .ending)
        ends[index] = now.monotonic.clampedAdding(options.endTimeout)
        if let notice { appendOwn(index) { $0.appendNotice(notice, to: &$1) } }
        let retry = Int64.random(in: options.retry, using: &random)
        appendEnd(index, retry: retry)
        if subscribers[index].isBlocked {
            look(index, by: ends[index])
        } else {
            flush(index, now)
        }
    }

    /// Ends all streams in order, spread over `milliseconds`, for the server is to stop.
    public mutating func drain(over milliseconds: Int64, now: Moment) {
        for index in subscribers.indices where !subscribers[index].isFree && !subscribers[index].isEnding {
            let delay = milliseconds > 0 ? Int64.random(in: 0...milliseconds, using: &random) : 0
            ends[index] = min(ends[index], now.monotonic + delay)
            if delay < 1_000 { end(index, now) } else { look(index, by: ends[index]) }
        }
    }
}
