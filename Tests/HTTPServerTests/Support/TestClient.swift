import Glibc
import TLS

/// A client of plain, blocking system calls, so that a test decides which bytes go when. Every wait is bounded.
final class TestClient {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    struct Response {
        var status: Int
        var head: String
        var body: String

        /// The first value of a field.
        func field(_ name: String) -> String? {
            for line in head.split(separator: "\r\n").dropFirst()
            where line.lowercased().hasPrefix(name.lowercased() + ":") {
                return String(line.dropFirst(name.count + 1).drop { $0 == " " })
            }
            return nil
        }
    }

    /// Only a test that fails waits for as long: more than the busiest machine needs.
    static let patienceSeconds = 60

    private(set) var descriptor: Int32
    private var received: [UInt8] = []
    private var tls: TestTLS?

    /// Connects to a port of an IPv4 address, 127.0.0.1 where none is said. A small `receiveBuffer` makes a client that is soon full.
    init(host: UInt32 = 0x7F00_0001, port: UInt16, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(description: "socket: \(errno)") }
        var patience = timeval(tv_sec: Self.patienceSeconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
        if var receiveBuffer {
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = host.bigEndian
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(description: "connect: \(errno)") }
    }

    deinit { close() }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws { try sendRaw(tls?.encrypt(bytes) ?? bytes) }

    /// Sends bytes as they are, also where TLS is spoken.
    func sendRaw(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, 0x4000)
            }
            guard count > 0 else { throw Failure(description: "send: \(errno)") }
            sent += count
        }
    }

    /// Reads some bytes; false at the end.
    private func receive() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
        if count < 0 { throw Failure(description: "recv: \(errno)") }
        guard let tls else {
            received += buffer[..<max(0, count)]
            return count > 0
        }
        let (plain, answer) = tls.decrypt(Array(buffer[..<max(0, count)]))
        received += plain
        if let failure = tls.session.failure { throw Failure(description: "\(failure)") }
        if !answer.isEmpty { try sendRaw(answer) }
        return !plain.isEmpty || count > 0 && !tls.session.hasPeerEnded
    }

    /// Agrees with the server on TLS; what is sent and received from here on goes over it.
    func startTLS(speaksHTTP2: Bool = false, host: String? = nil) throws {
        let tls = try TestTLS(speaksHTTP2: speaksHTTP2, host: host)
        self.tls = tls
        try sendRaw(tls.hello)
        while tls.session.isHandshaking { guard try receive() else { throw Failure(description: "ended early") } }
    }

    /// The TLS session; nil: there is none.
    var session: TLSSession? { tls?.session }

    /// Reads one response of a known length, or one that ends with the connection.
    func response(toHead: Bool = false) throws -> Response {
        let head = try text(through: "\r\n\r\n")
        var response = Response(
            status: Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0, head: head, body: "")
        if toHead || response.status == 204 || response.status == 100 { return response }
        if let length = response.field("Content-Length").flatMap({ Int($0) }) {
            response.body = String(decoding: try bytes(length), as: UTF8.self)
        }
        return response
    }

    /// Reads what comes next; nothing at the end.
    func some() throws -> [UInt8] {
        while received.isEmpty { guard try receive() else { break } }
        defer { received = [] }
        return received
    }

    func bytes(_ count: Int) throws -> [UInt8] {
        while received.count < count { guard try receive() else { throw Failure(description: "ended early") } }
        defer { received.removeFirst(count) }
        return Array(received[..<count])
    }

    /// Reads up to and including `mark`.
    func text(through mark: String) throws -> String {
        let mark = Array(mark.utf8)
        var start = 0
        while true {
            while start + mark.count <= received.count {
                if Array(received[start..<(start + mark.count)]) == mark {
                    return String(decoding: try bytes(start + mark.count), as: UTF8.self)
                }
                start += 1
            }
            guard try receive() else {
                throw Failure(description: "ended with \(String(decoding: received, as: UTF8.self).debugDescription)")
            }
        }
    }

    /// Reads until the server closes.
    func textToEnd() throws -> String {
        while try receive() {}
        defer { received = [] }
        return String(decoding: received, as: UTF8.self)
    }

    func endWriting() { _ = shutdown(descriptor, Int32(SHUT_WR)) }

    func close() {
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
        descriptor = -1
    }

    /// Closes with a reset.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }
}
