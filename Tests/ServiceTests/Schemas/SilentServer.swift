import Glibc

/// Takes connections on loopback and never says a word.
struct SilentServer: ~Copyable {
    let port: UInt16
    private let descriptor: CInt

    init() {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        // The address is read and written within the calls, and is as long as is said.
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                precondition(unsafe bind(descriptor, $0, length) == 0)
                precondition(unsafe getsockname(descriptor, $0, &length) == 0)
            }
        }
        precondition(listen(descriptor, 8) == 0)
        port = UInt16(bigEndian: address.sin_port)
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}
