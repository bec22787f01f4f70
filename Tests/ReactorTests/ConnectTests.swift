import Glibc
import Testing

@testable import Reactor

@Suite struct ConnectTests {
    private func listener() throws -> ListeningSocket {
        try ListeningSocket(address: try #require(SocketAddress("127.0.0.1", port: 0)))
    }

    /// Waits until the descriptor is writable, which is when connecting has ended.
    private func wait(_ descriptor: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return unsafe poll(&entry, 1, 10_000) == 1
    }

    @Test func aConnectionIsMadeFromTheAddressThatIsAskedFor() throws {
        let listener = try listener()
        defer { listener.close() }
        let descriptor = try Socket.connect(
            to: listener.address, from: SocketAddress("127.0.0.3", port: 0))
        defer { Socket.close(descriptor) }
        #expect(wait(descriptor))
        #expect(Socket.connectError(descriptor) == nil)
        #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0)
        #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
        guard case .connection(let accepted, _) = listener.accept(), let peer = Socket.peer(of: accepted) else {
            Issue.record("no connection arrived")
            return
        }
        defer { Socket.close(accepted) }
        #expect(peer.address == "127.0.0.3" && peer.port != 0)
        #expect(unsafe [UInt8(1)].withUnsafeBytes { unsafe Socket.send(descriptor, $0) } == .bytes(1))
    }

    @Test func whenBytesArrivedIsToldToWhoAskedForIt() throws {
        let listener = try listener()
        defer { listener.close() }
        let descriptor = try Socket.connect(to: listener.address)
        defer { Socket.close(descriptor) }
        try Socket.noteArrivals(descriptor)
        #expect(wait(descriptor))
        guard case .connection(let accepted, _) = listener.accept() else {
            Issue.record("no connection arrived")
            return
        }
        defer { Socket.close(accepted) }
        func clock() -> Int64 {
            var time = timespec()
            unsafe clock_gettime(CLOCK_REALTIME, &time)
            return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        }
        func read() -> (Transfer, arrival: Int64) {
            var buffer = [UInt8](repeating: 0, count: 16)
            var arrival: Int64 = 1
            let result = unsafe buffer.withUnsafeMutableBytes {
                unsafe Socket.read(descriptor, into: $0, arrival: &arrival)
            }
            return (result, arrival)
        }
        #expect(read() == (.wouldBlock, arrival: 0))
        // The kernel begins to note times a moment after the first socket asked for it, so the first bytes may have none.
        var times: [(before: Int64, arrival: Int64, after: Int64)] = []
        for _ in 0..<100_000 where times.count < 2 {
            let before = clock()
            #expect(unsafe [UInt8(1), 2].withUnsafeBytes { unsafe Socket.send(accepted, $0) } == .bytes(2))
            // On a loopback address bytes that were sent have arrived.
            let after = clock()
            let (result, arrival) = read()
            #expect(result == .bytes(2))
            if arrival > 0 { times.append((before, arrival, after)) } else { sched_yield() }
        }
        #expect(times.count == 2)
        #expect(times.allSatisfy { $0.before <= $0.arrival && $0.arrival <= $0.after })
    }

    @Test func nobodyListeningIsAnError() throws {
        let listener = try listener()
        listener.close()
        var error: SystemError?
        do throws(SystemError) {
            let descriptor = try Socket.connect(to: listener.address)
            defer { Socket.close(descriptor) }
            #expect(wait(descriptor))
            error = Socket.connectError(descriptor)
        } catch let thrown {
            error = thrown
        }
        #expect(error == SystemError(call: "connect", number: ECONNREFUSED))
    }

    @Test func anAddressOfAnotherHostIsNoSource() throws {
        let listener = try listener()
        defer { listener.close() }
        #expect(throws: SystemError(call: "bind", number: EADDRNOTAVAIL)) {
            try Socket.connect(to: listener.address, from: SocketAddress("192.0.2.1", port: 0))
        }
    }
}
