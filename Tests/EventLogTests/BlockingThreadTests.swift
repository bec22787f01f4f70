import EventLog
import Glibc
import Synchronization
import System
import Testing

@Suite struct BlockingThreadTests {
    ///     the thread      blocked ─────────────────┐ next, waiting
    ///     this test       waiting comes, next comes, release
    @Test func whatFollowsComesBeforeTheJobsThatWait() async throws {
        let worker = try Worker()
        let order = Order()
        let blocked = Task.immediate { await worker.block() }
        let waiting = Task.immediate { await worker.run { order.add("waiting") } }
        let next = Task(executorPreference: worker.next) { order.add("next") }
        worker.release()
        await blocked.value
        await waiting.value
        await next.value
        #expect(order.all == ["next", "waiting"])
    }

    @Test func jobsRunInTheOrderInWhichTheyCame() async throws {
        let worker = try Worker()
        let order = Order()
        let blocked = Task.immediate { await worker.block() }
        let tasks = (0..<3000).map { number in Task.immediate { await worker.run { order.add("\(number)") } } }
        worker.release()
        await blocked.value
        for task in tasks { await task.value }
        #expect(order.all == (0..<3000).map { "\($0)" })
    }
}

private actor Worker {
    private let thread: BlockingThread
    nonisolated let next: NextOnThread
    private nonisolated let pipe: (reading: Int32, writing: Int32)
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    init() throws {
        thread = try BlockingThread()
        next = NextOnThread(thread)
        var descriptors: [Int32] = [0, 0]
        #expect(unsafe Glibc.pipe(&descriptors) == 0)
        pipe = (descriptors[0], descriptors[1])
    }

    deinit {
        close(pipe.reading)
        close(pipe.writing)
    }

    /// Returns after `release`.
    func block() {
        var byte: UInt8 = 0
        #expect(unsafe read(pipe.reading, &byte, 1) == 1)
    }

    nonisolated func release() {
        var byte: UInt8 = 0
        #expect(unsafe write(pipe.writing, &byte, 1) == 1)
    }

    func run(_ body: @Sendable () -> Void) { body() }
}

private final class Order: Sendable {
    private let names = Mutex<[String]>([])
    var all: [String] { names.withLock { $0 } }

    func add(_ name: String) { names.withLock { $0.append(name) } }
}
