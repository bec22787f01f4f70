import Glibc

/// Accepts connections on loopback, each on a thread of its own. Every wait for bytes is bounded.
final class LoopbackListener: Sendable {
    enum Failure: Error { case noSocket }

    struct Connection: Sendable {
        fileprivate let descriptor: Int32

        /// The next bytes; none at the end; nil: it is broken, or nothing came for long.
        func receive() -> [UInt8]? {
            var bytes = [UInt8](repeating: 0, count: 65_536)
            let count = unsafe recv(descriptor, &bytes, bytes.count, 0)
            return count < 0 ? nil : Array(bytes.prefix(count))
        }

        /// False: nobody takes them.
        @discardableResult func send(_ bytes: [UInt8]) -> Bool {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = unsafe rest.withUnsafeBytes {
                    unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }

        /// Ends what is sent, and reads until the other side has ended too: so nothing on its way is lost.
        func finish() {
            shutdown(descriptor, Int32(SHUT_WR))
            while let bytes = receive(), !bytes.isEmpty {}
        }
    }

    let port: Int
    private let listener: Int32
    private let serve: @Sendable (Connection) -> Void

    /// - Parameter serve: what to do with each connection, which is closed when it returns.
    init(_ serve: @escaping @Sendable (Connection) -> Void) throws {
        self.serve = serve
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        // Lifetime: the address is used within the closure only.
        let isListening = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(listener, address, length) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, address, &length) == 0
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        guard isListening else { throw Failure.noSocket }
        Self.start { [self] in accepting() }
    }

    var url: String { "http://127.0.0.1:\(port)" }

    /// Ends the listening; connections end by themselves.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func accepting() {
        while true {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { break }
            Self.start { [self] in
                var limit = timeval(tv_sec: 20, tv_usec: 0)
                let size = socklen_t(MemoryLayout<timeval>.size)
                unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
                unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
                serve(Connection(descriptor: descriptor))
                close(descriptor)
            }
        }
        close(listener)
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    private static func start(_ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        // Lifetime: the thread takes the reference that is retained here.
        let work = unsafe Unmanaged.passRetained(Work(body))
        unsafe pthread_create(
            &thread, nil,
            { argument in
                if let argument = unsafe argument {
                    unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                }
                return nil
            }, work.toOpaque())
        pthread_detach(thread)
    }
}
