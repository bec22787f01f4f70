internal import Glibc

/// Standard output and error, written at once and whole.
enum Terminal {
    /// Returns the exit status: 0, or 1 where it could not be written.
    @discardableResult
    static func print(_ text: String) -> Int32 { write(text, to: STDOUT_FILENO) ? 0 : 1 }

    static func complain(_ text: String) { _ = write(text + "\n", to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) -> Bool {
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            // The bytes are read within the call.
            let count = unsafe bytes[start...].withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            start += count
        }
        return true
    }
}
