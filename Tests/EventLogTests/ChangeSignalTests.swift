import EventLog
import System
import Testing

@Suite struct ChangeSignalTests {
    @Test func aChangeBeforeTheWaitEndsIt() async {
        let signal = ChangeSignal()
        let epoch = signal.epoch
        signal.fire()
        await signal.wait(since: epoch)
        #expect(signal.epoch != epoch)
    }

    @Test func aChangeWakesAllWhoWait() async {
        let signal = ChangeSignal()
        let epoch = signal.epoch
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { await signal.wait(since: epoch) } }
            await Task.yield()
            signal.fire()
        }
    }

    @Test func aCancelledTaskDoesNotWait() async {
        let signal = ChangeSignal()
        // Some are cancelled before they wait, some while they do.
        for _ in 0..<200 {
            let task = Task { await signal.wait(since: signal.epoch) }
            if Bool.random() { await Task.yield() }
            task.cancel()
            await task.value
        }
    }
}
