internal import EventLog

/// Finds out how a partition that can't be read goes on, by asking the cluster about it.
struct LaneDoctor: Sendable {
    let history: HistoryReaders
    let ends: PartitionEnds

    enum Finding: Sendable {
        /// It has to be asked again later.
        case unclear(LogError)
        case gone
        /// It can be read where it stands: librdkafka goes on by itself.
        case readable
        /// It has to be started anew at an offset.
        ///
        /// - Parameter told: what has to be said of it first.
        case goOn(at: Offset, told: LogError?)
    }

    func examine(_ partition: TopicPartition, _ lane: LiveLane) async -> Finding {
        do throws(LogError) {
            switch lane.trouble {
            case .damaged: return try await passDamage(partition, lane)
            case .refused:
                _ = try await history.read(partition, from: lane.next, limit: ReadLimit(records: 1))
                return .readable
            case .notStarted, .outOfRange, .unknown, .returned, nil: return try await findPlace(partition, lane)
            }
        } catch {
            switch error {
            case .topicNotFound, .partitionNotFound: return .gone
            default: return .unclear(error)
            }
        }
    }

    private func passDamage(_ partition: TopicPartition, _ lane: LiveLane) async throws(LogError) -> Finding {
        do throws(LogError) {
            _ = try await history.read(partition, from: lane.next, limit: ReadLimit(records: 1))
            // It was damaged on its way only.
            return .goOn(at: lane.next, told: nil)
        } catch {
            guard case .unreadable(_, let range, _) = error else { throw error }
            return .goOn(at: range.upperBound, told: error)
        }
    }

    private func findPlace(_ partition: TopicPartition, _ lane: LiveLane) async throws(LogError) -> Finding {
        if lane.trouble == .returned { await forget(partition.topic) }
        let bounds = try await history.bounds(of: partition)
        if lane.next >= bounds.first, lane.next <= bounds.next {
            if try await isSame(partition, lane, bounds) { return .goOn(at: lane.next, told: nil) }
            return await startAnew(partition, bounds)
        }
        if lane.next < bounds.first {
            return .goOn(at: bounds.first, told: .offsetOutOfRange(partition, bounds: bounds))
        }
        // Beyond the end: it was made anew, or the end of the same records was lost, or there was no such place ever.
        if lane.trouble == .returned { return await startAnew(partition, bounds) }
        if lane.hasRead, try await isAnew(partition, lane, bounds) { return await startAnew(partition, bounds) }
        if lane.hasRead { await forget(partition.topic) }
        return .goOn(at: bounds.next, told: .offsetOutOfRange(partition, bounds: bounds))
    }

    private func startAnew(_ partition: TopicPartition, _ bounds: PartitionBounds) async -> Finding {
        await forget(partition.topic)
        return .goOn(at: bounds.first, told: .recreated(partition, bounds: bounds))
    }

    private func forget(_ topic: String) async {
        await history.forget(topic)
        ends.forget(topic)
    }

    /// Whether the record before the lane's place is the one it has read there. Asked of a partition that was away.
    private func isSame(
        _ partition: TopicPartition, _ lane: LiveLane, _ bounds: PartitionBounds
    ) async throws(LogError) -> Bool {
        guard lane.trouble == .returned, let last = lane.last, lane.next > bounds.first else {
            return lane.trouble != .returned || !lane.hasRead
        }
        return try await history.position(in: partition, at: lane.next).timestamp ?? last == last
    }

    /// Whether the partition was made anew: all that it has came later than what was read. Else its end was lost.
    private func isAnew(
        _ partition: TopicPartition, _ lane: LiveLane, _ bounds: PartitionBounds
    ) async throws(LogError) -> Bool {
        guard bounds.first < bounds.next else { return true }
        await history.forget(partition.topic)
        let block = try await history.read(partition, from: bounds.first, limit: ReadLimit(records: 1))
        guard let first = block?.records.first else { return true }
        return first.timestamp >= lane.newest
    }
}
