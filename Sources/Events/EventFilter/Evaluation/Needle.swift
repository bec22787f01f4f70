internal import Glibc

/// A string that is looked for in others, in time linear in both (Knuth, Morris, Pratt).
struct Needle: Sendable {
    private let bytes: [UInt8]
    /// For each number of bytes that agree: how many of them still do where the next one doesn't.
    private let fallback: [Int32]

    init(_ text: Text) {
        bytes = text.bytes
        var fallback: [Int32] = Array(repeating: 0, count: bytes.count + 1)
        var length = 0
        for place in bytes.indices.dropFirst() {
            while length > 0, bytes[place] != bytes[length] { length = Int(fallback[length]) }
            if bytes[place] == bytes[length] { length += 1 }
            fallback[place + 1] = Int32(length)
        }
        self.fallback = fallback
    }

    func isIn(_ text: Span<UInt8>) -> Bool {
        guard let first = bytes.first else { return true }
        var (place, length) = (0, 0)
        while text.count - place >= bytes.count - length {
            if length == 0 {
                place = text.place(of: first, from: place)
                guard place < text.count else { return false }
            } else if text[place] != bytes[length] {
                length = Int(fallback[length])
                continue
            }
            place += 1
            length += 1
            if length == bytes.count { return true }
        }
        return false
    }
}

extension Span<UInt8> {
    /// The first place of a byte at or after another; the span's count where it isn't.
    fileprivate func place(of byte: UInt8, from start: Int) -> Int {
        // The bytes are valid during the call, which reads from `start` to the span's end.
        unsafe withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress, start < bytes.count else { return bytes.count }
            let found = unsafe memchr(base + start, Int32(byte), bytes.count - start)
            return unsafe found.map { unsafe UnsafeRawPointer($0) - UnsafeRawPointer(base) } ?? bytes.count
        }
    }
}
