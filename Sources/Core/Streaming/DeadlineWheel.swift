/// When to look at which subscriber again: a ring of seconds. Who is to be looked at sooner than was said before is added
/// again, and what was said before is passed over by who remembers the second that counts.
struct DeadlineWheel {
    /// One slot a second. What is further away than the ring is long is looked at once around.
    private var slots: [ContiguousArray<SubscriberID>]
    /// The second up to which all was looked at.
    private(set) var second: Int64

    init(now: Int64, slots: Int = 64) {
        self.slots = Array(repeating: [], count: slots)
        second = now / 1000
    }

    /// Looks at `id` again at about `time` (monotonic milliseconds), never before the next second.
    ///
    /// - Returns: the second in which it will be.
    @discardableResult
    mutating func add(_ id: SubscriberID, at time: Int64) -> Int64 {
        let due = second(of: time)
        slots[Int(due % Int64(slots.count))].append(id)
        return due
    }

    /// The second in which what is added for `time` is looked at.
    func second(of time: Int64) -> Int64 {
        min(max(time / 1000 + (time % 1000 > 0 ? 1 : 0), second + 1), second + Int64(slots.count) - 1)
    }

    /// Those that are due.
    mutating func take(now: Int64) -> ContiguousArray<SubscriberID> {
        var due: ContiguousArray<SubscriberID> = []
        let last = min(now / 1000, second + Int64(slots.count))
        while second < last {
            second += 1
            let slot = Int(second % Int64(slots.count))
            due.append(contentsOf: slots[slot])
            slots[slot].removeAll(keepingCapacity: slots[slot].capacity < 4096)
        }
        second = max(second, now / 1000)
        return due
    }
}
