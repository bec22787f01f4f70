internal import Glibc

/// A file descriptor's system calls, with their interruptions and errors.
public enum Descriptor {
    /// Writes all of it, waiting where it must. False where that failed: `errno` says why.
    public static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            // Lifetime: the bytes are read within the call.
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                _ = isReady(descriptor, Int16(POLLOUT), milliseconds: 1000)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    /// Reads what is there, at most 64 KiB. Empty at the end.
    public static func read(_ descriptor: Int32) throws(FileError) -> [UInt8] {
        while true {
            var bytes = [UInt8](repeating: 0, count: 65_536)
            // Lifetime: the bytes are written within the call.
            let count = unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 { return Array(bytes.prefix(count)) }
            if errno == EAGAIN {
                _ = isReady(descriptor, Int16(POLLIN), milliseconds: 1000)
            } else if errno != EINTR {
                throw FileError("read", errno)
            }
        }
    }

    /// Waits until one of the events (`POLLIN`, `POLLOUT`) is there. False: it is not, after so long.
    public static func isReady(_ descriptor: Int32, _ events: Int16, milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: events, revents: 0)
        return unsafe poll(&entry, 1, milliseconds) != 0
    }
}
