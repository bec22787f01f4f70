internal import Glibc
internal import Server

/// The service manager that started this process, where one did and wants to be told (sd_notify(3): `Type=notify`,
/// `WatchdogSec=`). All it is sent is a datagram of `NAME=value` lines; what can't be sent is not worth stopping for.
struct ServiceManager: Sendable {
    /// A path, or an abstract name that begins with "@".
    private let place: String
    /// How often it wants to hear that all is well, in microseconds; nil: it does not.
    private let watchdog: Int64?

    /// - Returns: nil where nobody wants to be told.
    init?() {
        let variables = Environment.variables
        guard let place = variables["NOTIFY_SOCKET"], place.utf8.count > 1, place.first == "/" || place.first == "@"
        else {
            return nil
        }
        self.place = place
        let isMeant = variables["WATCHDOG_PID"].map { Int32($0) == getpid() } ?? true
        watchdog = isMeant ? variables["WATCHDOG_USEC"].flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 : nil } : nil
    }

    /// The service takes connections, and its newest events were read.
    func isReady() { tell("READY=1\nSTATUS=serving streams") }

    func isStopping() { tell("STOPPING=1\nSTATUS=ending streams") }

    /// Until cancelled, says that all is well whenever all event loops have answered. A loop that hangs keeps it silent, and the
    /// manager starts the service anew.
    func watch(_ service: EventService) async {
        guard let watchdog else { return }
        while !Task.isCancelled {
            await service.untilLoopsAnswer()
            tell("WATCHDOG=1")
            do { try await Task.sleep(for: .microseconds(watchdog / 3)) } catch { return }
        }
    }

    private func tell(_ lines: String) {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(place.utf8)
        if name[0] == UInt8(ascii: "@") { name[0] = 0 }
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        // The address and the bytes are valid within the closures.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
        // The path stands directly behind the family (unix(7)).
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        let bytes = Array(lines.utf8)
        _ = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bytes.withUnsafeBytes {
                    unsafe sendto(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL), address, length)
                }
            }
        }
    }
}
