import Glibc

/// Bytes of files, for tests that damage them.
enum File {
    static func read(_ path: String) throws -> [UInt8] {
        let descriptor = try open(path, O_RDONLY)
        defer { close(descriptor) }
        var content: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            // The buffer is valid within the closure.
            let count = unsafe bytes.withUnsafeMutableBytes {
                unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
            }
            guard count > 0 else { return content }
            content += bytes[..<count]
        }
    }

    static func write(_ content: [UInt8], _ path: String) throws {
        let descriptor = try open(path, O_WRONLY | O_CREAT | O_TRUNC)
        defer { close(descriptor) }
        // The buffer is valid within the closure.
        let count = unsafe content.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard count == content.count else { throw ChildError("write", errno) }
    }

    /// A write-ahead log without the room behind its frames.
    static func written(_ path: String) throws -> [UInt8] {
        let content = try read(path)
        return Array(content[..<((content.lastIndex { $0 != 0 } ?? -1) + 1)])
    }

    /// Where the bytes are first found.
    static func find(_ bytes: [UInt8], in path: String) throws -> Int? {
        let content = try read(path)
        let end = content.count - bytes.count
        guard let first = bytes.first, end >= 0 else { return nil }
        // The buffers are valid within the closures; memchr and memcmp stay within `content`, as `end` ensures.
        return unsafe content.withUnsafeBytes { content in
            unsafe bytes.withUnsafeBytes { bytes in
                guard let start = content.baseAddress, let wanted = bytes.baseAddress else { return nil }
                var offset = 0
                while offset <= end, let found = unsafe memchr(start + offset, Int32(first), end + 1 - offset) {
                    if unsafe memcmp(found, wanted, bytes.count) == 0 { return unsafe UnsafeRawPointer(found) - start }
                    offset = unsafe UnsafeRawPointer(found) - start + 1
                }
                return nil
            }
        }
    }

    static func change(_ path: String, at offset: Int, _ change: (UInt8) -> UInt8) throws {
        let descriptor = try open(path, O_RDWR)
        defer { close(descriptor) }
        var byte: UInt8 = 0
        guard unsafe pread(descriptor, &byte, 1, offset) == 1 else { throw ChildError("pread", errno) }
        byte = change(byte)
        guard unsafe pwrite(descriptor, &byte, 1, offset) == 1 else { throw ChildError("pwrite", errno) }
    }

    private static func open(_ path: String, _ flags: Int32) throws -> Int32 {
        let descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ChildError("open \(path)", errno) }
        return descriptor
    }
}
