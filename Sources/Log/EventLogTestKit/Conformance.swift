public import EventLog
internal import Synchronization

/// A log made for one check.
public struct LogFixture: Sendable {
    public var log: any EventLog
    /// Bytes of key and value the log takes at most; nil: the check of the limit is left out.
    public var maximumRecordBytes: Int?
    /// Times that the log can keep.
    public var timestamps: ClosedRange<Timestamp>
    /// Whether the log knows the largest timestamp of records that are gone.
    public var remembersRemoved: Bool
    /// Removes a partition's records before an offset, as retention does; nil: checks that need it are left out.
    public var truncate: (@Sendable (TopicPartition, Offset) async throws -> Void)?
    /// Called when the check is over; the log may be closed already.
    public var tearDown: @Sendable () async -> Void

    public init(
        log: any EventLog, maximumRecordBytes: Int? = nil, timestamps: ClosedRange<Timestamp> = .min ... .max,
        remembersRemoved: Bool = true,
        truncate: (@Sendable (TopicPartition, Offset) async throws -> Void)? = nil,
        tearDown: @escaping @Sendable () async -> Void = {}
    ) {
        self.log = log
        self.maximumRecordBytes = maximumRecordBytes
        self.timestamps = timestamps
        self.remembersRemoved = remembersRemoved
        self.truncate = truncate
        self.tearDown = tearDown
    }
}

/// One thing that every `EventLog` must do.
public struct ConformanceCheck: Sendable, CustomStringConvertible {
    /// The sentence it proves.
    public let name: String
    let body: @Sendable (LogFixture) async throws -> Void

    init(_ name: String, _ body: @escaping @Sendable (LogFixture) async throws -> Void) {
        self.name = name
        self.body = body
    }

    public var description: String { name }

    /// Runs the check on a log that has no topics yet, or none that the suite makes (they begin with `conformance-`).
    ///
    /// - Throws: `ConformanceFailure`, what `makeFixture` throws, or the error of a call that should have succeeded.
    public func run(on makeFixture: @Sendable () async throws -> LogFixture) async throws {
        let fixture = try await makeFixture()
        do {
            try await within(.seconds(60), name) { try await body(fixture) }
        } catch {
            await fixture.tearDown()
            throw error
        }
        await fixture.tearDown()
    }
}

/// What a log did that it should not, or the other way round.
public struct ConformanceFailure: Error, CustomStringConvertible {
    public var description: String

    init(_ description: String) {
        self.description = description
    }
}

/// The suite. Run each of `all` as a test of its own:
///
///     @Test(arguments: EventLogConformance.all) func keepsTheContract(check: ConformanceCheck) async throws {
///         try await check.run { LogFixture(log: …) }
///     }
public enum EventLogConformance {
    public static let all: [ConformanceCheck] = appending + reading + positions + following + topics + keeping
}

/// Runs `body`, but no longer than `limit`: a log that hangs fails instead of holding up the whole run.
func within<T: Sendable>(
    _ limit: Duration, _ what: String, _ body: @escaping @Sendable () async throws -> T
) async throws -> T {
    let once = Once<T>()
    return try await withCheckedThrowingContinuation { continuation in
        once.begin(continuation)
        let work = Task {
            do { once.end(.success(try await body())) } catch { once.end(.failure(error)) }
        }
        let timer = Task {
            try await Task.sleep(for: limit)
            once.end(.failure(ConformanceFailure("\(what): not done after \(limit)")))
            work.cancel()
        }
        Task {
            _ = await work.result
            timer.cancel()
        }
    }
}

/// A continuation that the first of two answers resumes.
private final class Once<T: Sendable>: Sendable {
    private let waiting = Mutex<CheckedContinuation<T, any Error>?>(nil)

    func begin(_ continuation: CheckedContinuation<T, any Error>) {
        waiting.withLock { $0 = continuation }
    }

    func end(_ result: Result<T, any Error>) {
        let continuation = waiting.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        continuation?.resume(with: result)
    }
}
