internal import EventLog

/// The records of one partition, as one transaction sees them. Each record that is given was checked; what SQLite can't find
/// or what is not as it was written counts as unreadable.
struct RecordTable {
    private let extent: Extent
    private let connection: Connection

    /// How many offsets one search looks at, one by one, for a record that can be read.
    private static let searchLimit = 10_000
    /// The bytes of a row's key and value, in SQL.
    static let rowBytes = "length(value) + ifnull(length(key), 0)"
    private static let columns = "offset, timestamp, maximum, key, value, checksum"

    init(_ extent: Extent, _ connection: Connection) {
        self.extent = extent
        self.connection = connection
    }

    private struct Stored {
        var record: Record
        /// The running maximum.
        var maximum: Timestamp
    }

    /// What a search came to.
    private enum Found {
        case record(Stored)
        /// There is none that can be read.
        case none
        /// The search gave up before this offset.
        case unknown(from: Offset)
    }

    // MARK: - Ranges

    /// The records from `offset` on, which is within the extent and before its end.
    func block(from offset: Offset, limit: ReadLimit) throws(SQLiteError) -> ReadOutcome<RecordBlock> {
        let rows = try connection.statement(
            "SELECT \(Self.columns) FROM record_\(extent.id) WHERE offset >= ?1 ORDER BY offset LIMIT ?2")
        defer { rows.reset() }
        try rows.bind(offset, at: 1)
        try rows.bind(Int64(max(1, limit.records)), at: 2)
        var records: [Record] = []
        var bytes = 0
        var expected = offset
        var detail = "the record is missing"
        do {
            while try rows.step() {
                guard rows.integer(0) == expected, expected < extent.next else { break }
                bytes += rows.byteCount(3) + rows.byteCount(4)
                if !records.isEmpty, bytes > limit.bytes { break }
                guard let stored = try stored(rows) else {
                    detail = "the record's checksum is wrong"
                    break
                }
                records.append(stored.record)
                expected += 1
            }
        } catch {
            guard error.isDamage else { throw error }
            detail = error.description
        }
        // What was read before the damage is given first; the next read begins at the damage.
        guard records.isEmpty else { return .found(RecordBlock(records: records, next: expected)) }
        var budget = Self.searchLimit
        return switch first(in: offset + 1..<extent.next, &budget) {
        case .record(let stored): .damaged(offset..<stored.record.offset, detail: detail)
        case .none: .damaged(offset..<extent.next, detail: detail)
        case .unknown(let end): .damaged(offset..<end, detail: detail)
        }
    }

    /// Nil where the row is not what was written.
    private func stored(_ row: Statement) throws(SQLiteError) -> Stored? {
        let record = Record(
            offset: row.integer(0), timestamp: row.integer(1), key: try row.blob(3), value: try row.blob(4) ?? [])
        let maximum = row.integer(2)
        let checksum = row.integer(5)
        func matches(_ seal: Checksum) -> Bool {
            checksum
                == Checksum.of(
                    seal, offset: record.offset, timestamp: record.timestamp, maximum: maximum, key: record.key,
                    value: record.value)
        }
        guard matches(extent.seal) || record.offset < extent.sealedFrom && matches(Checksum()) else { return nil }
        return Stored(record: record, maximum: maximum)
    }

    /// The first record in a range of offsets that can be read.
    ///
    /// - Parameter budget: how many more records that can't be read may be looked at.
    private func first(in range: Range<Offset>, _ budget: inout Int) -> Found {
        var candidate = range.lowerBound
        while candidate < range.upperBound {
            guard budget > 0 else { return .unknown(from: candidate) }
            do throws(SQLiteError) {
                let rows = try connection.statement(
                    """
                    SELECT \(Self.columns) FROM record_\(extent.id) WHERE offset >= ?1 AND offset < ?2 ORDER BY offset
                    """)
                defer { rows.reset() }
                try rows.bind(candidate, at: 1)
                try rows.bind(range.upperBound, at: 2)
                while try rows.step() {
                    // A damaged tree may have rows in any place.
                    guard rows.integer(0) >= candidate else { throw .damage("rows are out of order") }
                    if let stored = try stored(rows) { return .record(stored) }
                    candidate = max(candidate, rows.integer(0)) + 1
                    budget -= 1
                    guard budget > 0 else { return .unknown(from: min(candidate, range.upperBound)) }
                }
                return .none
            } catch {
                // SQLite can't pass a damaged page: what is behind it has to be looked for by its offset.
                candidate += 1
                budget -= 1
            }
        }
        return .none
    }

    // MARK: - By time

    /// The first record whose running maximum is at or after `time`; nil: there is none.
    ///
    /// The running maximum never falls, so the offsets themselves are the index, and each step of the search is a record
    /// whose checksum was looked at. Records that can't be read may be those that are wanted: where they are, the answer is
    /// the first of them.
    func firstOffset(atOrAfter time: Timestamp) -> Offset? {
        guard let maximum = extent.maximum, maximum >= time, extent.first < extent.next else { return nil }
        var budget = Self.searchLimit
        // All that can be read before `low` is before the time; nothing that can be read from `high` on is.
        var low = extent.first
        var high = extent.next
        while low < high {
            let middle = low + (high - low) / 2
            if case .record(let stored) = first(in: middle..<high, &budget), stored.maximum < time {
                low = stored.record.offset + 1
            } else {
                high = middle
            }
        }
        return low
    }

    /// Of the nearest record before `offset` that is kept and can be read; nil: there is none, or it is beyond a great
    /// stretch of damage.
    func timestamp(before offset: Offset) -> Timestamp? {
        guard offset > extent.first, extent.first < extent.next else { return nil }
        guard offset < extent.next else { return extent.lastTimestamp }
        var candidate = offset - 1
        var budget = Self.searchLimit
        while candidate >= extent.first, budget > 0 {
            if let stored = record(at: candidate) { return stored.record.timestamp }
            budget -= 1
            candidate = min(candidate, nearestRow(before: candidate) ?? candidate - 1)
        }
        return nil
    }

    /// The offset of the nearest row before, if SQLite can tell: there may be a wide hole.
    private func nearestRow(before offset: Offset) -> Offset? {
        guard
            let row = try? connection.statement(
                "SELECT offset FROM record_\(extent.id) WHERE offset < ?1 ORDER BY offset DESC LIMIT 1")
        else { return nil }
        defer { row.reset() }
        guard (try? row.bind(offset, at: 1)) != nil else { return nil }
        guard let found = try? row.step() else { return nil }
        return found ? row.integer(0) : extent.first - 1
    }

    /// The record at `offset`, if it is there and undamaged.
    private func record(at offset: Offset) -> Stored? {
        var budget = 1
        guard case .record(let stored) = first(in: offset..<offset + 1, &budget) else { return nil }
        return stored
    }

    /// The running maximum of the first record; where it can't be read, the record counts as the oldest.
    var firstMaximum: Timestamp { record(at: extent.first)?.maximum ?? .min }

    // MARK: - The end

    /// What the table's end looks like.
    enum End: Equatable {
        /// There are no rows.
        case empty
        /// The last row that is a record of this partition, with the running maximum and the timestamp there.
        case record(Offset, maximum: Timestamp, timestamp: Timestamp)
        /// There are rows, but none of the last ones is a record of this partition.
        case foreign
    }

    /// - Throws: damage where SQLite can't even get there: nothing can be appended then.
    func end() throws(SQLiteError) -> End {
        let rows = try connection.statement(
            "SELECT \(Self.columns) FROM record_\(extent.id) ORDER BY offset DESC LIMIT 64")
        defer { rows.reset() }
        var isEmpty = true
        while try rows.step() {
            isEmpty = false
            if let stored = try stored(rows) {
                return .record(stored.record.offset, maximum: stored.maximum, timestamp: stored.record.timestamp)
            }
        }
        return isEmpty ? .empty : .foreign
    }

    /// The extent with the records that the table has behind its end, which are there after a crash (`Store.saveRows`).
    ///
    /// As far as each offset has a row it is taken, whatever is in the row, and its bytes are counted. What stands behind damage that
    /// SQLite can't pass is taken, too, but its bytes are not counted: retention by size then removes a little later.
    func extended() throws(SQLiteError) -> Extent {
        var extended = extent
        do {
            let rows = try connection.statement(
                """
                SELECT offset, \(Self.rowBytes) FROM record_\(extent.id)
                WHERE offset >= ?1 ORDER BY offset
                """)
            defer { rows.reset() }
            try rows.bind(extent.next, at: 1)
            while try rows.step(), rows.integer(0) == extended.next {
                extended.next += 1
                // No length is past 4 GiB, so the sum stays far below its type's limit.
                extended.bytes &+= rows.integer(1)
            }
        } catch {
            guard error.isUnreadable else { throw error }
        }
        do {
            if case .record(let offset, let maximum, let timestamp) = try end(), extent.next <= offset {
                extended.next = max(extended.next, offset + 1)
                extended.maximum = maximum
                extended.lastTimestamp = timestamp
            }
        } catch {
            guard error.isUnreadable else { throw error }
        }
        return extended
    }

    /// The first offset and the bytes of all rows, for a partition whose row was lost. Reads the whole table, but not the
    /// values.
    func measure() throws(SQLiteError) -> (first: Offset, bytes: Int64)? {
        let rows = try connection.statement(
            "SELECT min(offset), total(\(Self.rowBytes)) FROM record_\(extent.id)")
        defer { rows.reset() }
        guard try rows.step(), let first = rows.optionalInteger(0) else { return nil }
        return (first, rows.integer(1))
    }
}
