internal import EventLog
internal import Synchronization

/// A few readers. A partition always goes to the same one, which has what it fetched of it last, and reads one block of it
/// at a time.
final class HistoryReaders: Sendable {
    private let readers: [HistoryReader]
    private let control: Control
    private let flights = Mutex<[TopicPartition: Flight]>([:])

    private typealias Answer = Task<Result<PartitionBounds, LogError>, Never>

    /// Questions for one partition's bounds: one that is under way, and one that answers all who came since.
    private struct Flight {
        var current: Answer
        var next: Answer?
    }

    init(_ readers: [HistoryReader], _ control: Control) {
        self.readers = readers
        self.control = control
    }

    private func reader(_ partition: TopicPartition) -> HistoryReader {
        readers[Int(UInt(bitPattern: partition.hashValue) % UInt(readers.count))]
    }

    func read(_ partition: TopicPartition, from offset: Offset, limit: ReadLimit) async throws(LogError) -> RecordBlock?
    {
        do throws(LogError) {
            return try await reader(partition).read(partition, from: offset, limit: limit)
        } catch {
            throw await control.explain(error, partition)
        }
    }

    func position(in partition: TopicPartition, atOrAfter time: Timestamp) async throws(LogError) -> Position {
        do throws(LogError) {
            return try await reader(partition).position(in: partition, atOrAfter: time)
        } catch {
            throw await control.explain(error, partition)
        }
    }

    func position(in partition: TopicPartition, at offset: Offset) async throws(LogError) -> Position {
        do throws(LogError) {
            return try await reader(partition).position(in: partition, at: offset)
        } catch {
            throw await control.explain(error, partition)
        }
    }

    /// The bounds as they are now or a moment later, never as they were before the call. However many ask at a time, the
    /// cluster is asked twice at most.
    func bounds(of partition: TopicPartition) async throws(LogError) -> PartitionBounds {
        let answer = flights.withLock { flights -> Answer in
            guard let flight = flights[partition] else {
                let answer = ask(partition, after: nil)
                flights[partition] = Flight(current: answer)
                return answer
            }
            if let next = flight.next { return next }
            let answer = ask(partition, after: flight.current)
            flights[partition]?.next = answer
            return answer
        }
        return try await answer.value.get()
    }

    private func ask(_ partition: TopicPartition, after previous: Answer?) -> Answer {
        Answer {
            if let previous {
                _ = await previous.value
            }
            let result: Result<PartitionBounds, LogError>
            do throws(LogError) {
                result = .success(try await reader(partition).bounds(of: partition))
            } catch {
                result = .failure(await control.explain(error, partition))
            }
            flights.withLock { flights in
                guard let next = flights[partition]?.next else {
                    flights[partition] = nil
                    return
                }
                flights[partition] = Flight(current: next)
            }
            return result
        }
    }

    func forget(_ topic: String) async { for reader in readers { await reader.forget(topic) } }

    func close() async {
        await withTaskGroup(of: Void.self) { group in
            for reader in readers { group.addTask { await reader.close() } }
        }
    }
}
