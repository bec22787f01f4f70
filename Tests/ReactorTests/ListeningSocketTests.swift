import Glibc
import Testing

@testable import Reactor

@Suite struct ListeningSocketTests {
    /// Connects to an address; the descriptor.
    private func connection(to address: SocketAddress) throws -> Int32 {
        let descriptor = socket(address.family == .ipv4 ? AF_INET : AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
        var result: Int32 = -1
        if address.family == .ipv4 {
            var target = sockaddr_in()
            target.sin_family = sa_family_t(AF_INET)
            target.sin_port = address.port.bigEndian
            target.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            unsafe withUnsafePointer(to: &target) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    result = unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        } else {
            var target = sockaddr_in6()
            target.sin6_family = sa_family_t(AF_INET6)
            target.sin6_port = address.port.bigEndian
            target.sin6_addr = in6addr_loopback
            unsafe withUnsafePointer(to: &target) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    result = unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
        }
        try #require(result == 0, "connect to \(address): errno \(errno)")
        return descriptor
    }

    private func accept(_ socket: ListeningSocket) throws -> (descriptor: Int32, peer: SocketAddress) {
        // A connection over loopback waits to be accepted as soon as connect has returned.
        guard case .connection(let descriptor, _) = socket.accept(), let peer = Socket.peer(of: descriptor) else {
            throw SystemError(call: "accept4", number: EAGAIN)
        }
        return (descriptor, peer)
    }

    private func option(_ descriptor: Int32, _ level: Int32, _ name: Int32) -> Int32 {
        var value: Int32 = -1
        var size = socklen_t(MemoryLayout<Int32>.size)
        unsafe getsockopt(descriptor, level, name, &value, &size)
        return value
    }

    @Test func anAcceptedConnectionHasTheOptionsFromTheStart() throws {
        var options = ListeningSocket.Options()
        options.sendBufferBytes = 20_000
        options.unacknowledgedMilliseconds = 12_345
        options.keepAliveSeconds = 77
        let listener = try ListeningSocket(address: try #require(SocketAddress("127.0.0.1", port: 0)), options: options)
        defer { listener.close() }
        #expect(listener.address.port != 0)
        let client = try connection(to: listener.address)
        let accepted = try accept(listener)
        let tcp = Int32(IPPROTO_TCP)
        #expect(option(accepted.descriptor, tcp, TCP_NODELAY) == 1)
        #expect(option(accepted.descriptor, SOL_SOCKET, SO_KEEPALIVE) == 1)
        #expect(option(accepted.descriptor, tcp, TCP_KEEPIDLE) == 77)
        #expect(option(accepted.descriptor, tcp, TCP_USER_TIMEOUT) == 12_345)
        #expect(option(accepted.descriptor, SOL_SOCKET, SO_SNDBUF) == 40_000)
        #expect(fcntl(accepted.descriptor, F_GETFL) & O_NONBLOCK != 0)
        #expect(fcntl(accepted.descriptor, F_GETFD) & FD_CLOEXEC != 0)
        #expect(accepted.peer.address == "127.0.0.1")
        guard case .wouldBlock = listener.accept() else {
            Issue.record("a second connection")
            return
        }
        for descriptor in [client, accepted.descriptor] { Socket.close(descriptor) }
    }

    @Test(.enabled(if: (try? ListeningSocket(address: SocketAddress("::1", port: 0)!))?.close() != nil, "needs IPv6"))
    func anIPv6ListenerTakesBothFamilies() throws {
        let listener = try ListeningSocket(address: try #require(SocketAddress("::", port: 0)))
        defer { listener.close() }
        let four = try connection(to: try #require(SocketAddress("127.0.0.1", port: listener.address.port)))
        #expect(try accept(listener).peer.description.hasPrefix("127.0.0.1:"))
        let six = try connection(to: try #require(SocketAddress("::1", port: listener.address.port)))
        #expect(try accept(listener).peer.description.hasPrefix("[::1]:"))
        for descriptor in [four, six] { Socket.close(descriptor) }
    }

    @Test func aTakenPortSaysSo() throws {
        let first = try ListeningSocket(address: try #require(SocketAddress("127.0.0.1", port: 0)))
        defer { first.close() }
        let error = #expect(throws: ListenError.self) { _ = try ListeningSocket(address: first.address) }
        #expect(error?.cause == SystemError(call: "bind", number: EADDRINUSE))
        #expect(error?.description.contains("Port \(first.address.port) of 127.0.0.1 is in use") == true)
    }

    @Test func anAddressOfAnotherHostSaysSo() throws {
        let error = #expect(throws: ListenError.self) {
            _ = try ListeningSocket(address: try #require(SocketAddress("192.0.2.1", port: 0)))
        }
        #expect(error?.description.hasPrefix("192.0.2.1 is not an address of this host") == true)
    }

    @Test func aListeningDescriptorCanBeTakenOver() throws {
        let original = try ListeningSocket(address: try #require(SocketAddress("127.0.0.1", port: 0)))
        let inherited = try ListeningSocket(inherited: original.descriptor)
        defer { inherited.close() }
        #expect(inherited.address == original.address)
        let client = try connection(to: inherited.address)
        Socket.close(try accept(inherited).descriptor)
        #expect(throws: SystemError.self) { _ = try ListeningSocket(inherited: client) }
        Socket.close(client)
    }

    @Test func theManagersVariablesNameTheDescriptors() {
        func parse(_ process: String?, _ count: String?, _ names: String?) -> [String] {
            InheritedSockets.parse(process: 42, listenProcess: process, count: count, names: names)
                .map { "\($0.descriptor)=\($0.name)" }
        }
        #expect(parse("42", "2", "public:admin") == ["3=public", "4=admin"])
        #expect(parse("42", "2", nil) == ["3=", "4="])
        #expect(parse("42", "1", "a:b:c") == ["3=a"])
        #expect(parse("41", "2", "a:b").isEmpty)
        #expect(parse(nil, "2", "a:b").isEmpty)
        #expect(parse("42", nil, nil).isEmpty)
        #expect(parse("42", "-1", nil).isEmpty)
        #expect(parse("42", "99999999999", nil).isEmpty)
    }
}
