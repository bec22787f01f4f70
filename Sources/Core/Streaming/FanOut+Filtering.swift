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

    // MARK: Boards

    /// Puts a new feed with a filter on its board.
    mutating func addToBoard(_ number: Int) {
        guard let filter = feeds[number].subscription.filter else { return }
        let board = board(for: feeds[number])
        feeds[number].stand(on: board, board.add(number, filter))
    }

    private mutating func board(for feed: Feed) -> FilterBoard {
        let key = FilterBoard.Key(feed.subscription)
        if let number = boardNumbers[key], let board = boards[number] { return board }
        let number = freeBoards.popLast() ?? boards.count
        let board = FilterBoard(feed, number: number)
        if number < boards.count { boards[number] = board } else { boards.append(board) }
        boardNumbers[key] = number
        boardIndex.add(number, partitions: board.partitions)
        return board
    }

    mutating func removeFromBoard(_ number: Int) {
        guard let (board, id) = feeds[number].place else { return }
        board.remove(id)
        guard board.isEmpty else { return }
        boardIndex.remove(board.number, partitions: board.partitions)
        boardNumbers[board.key] = nil
        boards[board.number] = nil
        freeBoards.append(board.number)
    }
}
