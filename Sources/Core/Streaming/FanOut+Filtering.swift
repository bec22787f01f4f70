internal import EventFilter
internal import EventLog

// Feeds with filters: a board looks for them.
extension FanOut {
    /// About how many entries a board finds before they are encoded and let go of.
    private static var hitsAtOnce: Int { 4096 }

    /// Holds what is new against all filters of a board, and sends what it finds.
    mutating func advance(_ board: FilterBoard, _ now: Moment) {
        var fresh: [Int] = []
        while true {
            let progress = board.look(tail, most: Self.hitsAtOnce)
            fresh.removeAll(keepingCapacity: true)
            for hit in board.takeHits() {
                let number = Int(hit.feed)
                guard feeds[number].takes(hit.found) else { continue }
                if feeds[number].found.isEmpty { fresh.append(number) }
                feeds[number].found.append(hit.found)
            }
            for number in fresh { sendFound(number, now) }
            switch progress {
            case .more: continue
            case .upToDate: return
            case .fellBehind:
                for number in board.members {
                    dismiss(number, before: .max)
                    feeds[number].restart(at: tail)
                    countRing(number)
                }
                board.restart(at: tail)
            }
        }
    }

    /// Encodes what was found for a feed, in steps, and hands each to the followers before the next is made.
    private mutating func sendFound(_ number: Int, _ now: Moment) {
        guard feeds[number].isRead else {
            feeds[number].skipFound()
            return countRing(number)
        }
        feeds[number].borrow(&buffer)
        var (isMore, isDelivered) = (true, true)
        while isMore {
            isMore = feeds[number].encodeFound(
                limit: ringStep, pieceBytes: options.gzipPieceBytes, now: now.monotonic)
            if !isMore { feeds[number].catchUp() }
            isDelivered = pass(number, now)
        }
        tidy(number, isDelivered: isDelivered)
    }
}
