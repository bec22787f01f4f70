internal import EventFilter

/// The boards of one event loop: one for each set of partitions that feeds with filters read.
struct BoardTable {
    /// By number; nil where one was given back.
    private var boards: ContiguousArray<FilterBoard?> = []
    private var free: [Int] = []
    private var numbers: [FilterBoard.Key: Int] = [:]
    private var readers = ReaderIndex()

    /// Puts a new feed with a filter on its board.
    mutating func add(_ number: Int, _ feed: inout Feed) {
        guard let filter = feed.subscription.filter else { return }
        let board = board(for: feed)
        feed.stand(on: board, board.add(number, filter))
    }

    private mutating func board(for feed: Feed) -> FilterBoard {
        let key = FilterBoard.Key(feed.subscription)
        if let number = numbers[key], let board = boards[number] { return board }
        let number = free.popLast() ?? boards.count
        let board = FilterBoard(feed, number: number)
        if number < boards.count { boards[number] = board } else { boards.append(board) }
        numbers[key] = number
        readers.add(number, partitions: board.partitions)
        return board
    }

    /// Takes a feed off its board, if it stands on one.
    mutating func remove(_ feed: borrowing Feed) {
        guard let (board, id) = feed.place else { return }
        board.remove(id)
        guard board.isEmpty else { return }
        readers.remove(board.number, partitions: board.partitions)
        numbers[board.key] = nil
        boards[board.number] = nil
        free.append(board.number)
    }

    /// A partition has come into being, at this place among those of a feed. The first of a board's feeds brings it; all of
    /// them have it at the same place.
    mutating func add(partition number: Int, _ partition: TailPartition, ordinal: Int, of feed: borrowing Feed) {
        guard let board = feed.place?.board, !board.partitions.contains(number) else { return }
        board.add(number, ordinal: ordinal, at: partition.origin, incarnation: partition.incarnation)
        readers.add(board.number, partitions: [number])
    }

    // MARK: News

    /// There is something new in a partition.
    mutating func mark(partition: Int) { readers.mark(partition: partition) }

    /// The next board that has news, each once.
    mutating func popFresh() -> FilterBoard? {
        while let number = readers.popFresh() { if let board = boards[number] { return board } }
        return nil
    }
}
