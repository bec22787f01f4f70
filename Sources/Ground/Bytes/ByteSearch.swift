internal import Glibc

extension Span<UInt8> {
    /// The place of the first such byte at `start` or after it; nil where there is none.
    public func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        unsafe withUnsafeBufferPointer { buffer in
            // Lifetime: the pointers are used within this closure only, and between the buffer's bounds.
            guard start < buffer.count, let base = buffer.baseAddress,
                let found = unsafe memchr(base + start, Int32(byte), buffer.count - start)
            else { return nil }
            return unsafe UnsafeRawPointer(found) - UnsafeRawPointer(base)
        }
    }
}
