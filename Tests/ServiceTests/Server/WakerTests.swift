internal import Synchronization
internal import Testing

@testable import Server

struct WakerTests {
    @Test func itCallsWhatItWasGivenAndNothingBefore() {
        let calls = Atomic(0)
        let waker = Waker()
        waker.wake()
        waker.set { calls.add(1, ordering: .relaxed) }
        waker.wake()
        waker.wake()
        #expect(calls.load(ordering: .relaxed) == 2)
    }

    /// What is kept for a long-lived server must not grow by being used.
    @Test func aWakeCallsFromNoDeeperThanTheFirst() {
        let places = Mutex<[UInt]>([])
        let waker = Waker()
        waker.set {
            var here = 0
            let place = unsafe withUnsafePointer(to: &here) { UInt(bitPattern: $0) }
            places.withLock { $0.append(place) }
        }
        for _ in 0..<1_000 { waker.wake() }
        #expect(Set(places.withLock { $0 }).count == 1)
    }
}
