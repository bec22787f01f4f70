internal import CRE2

/// A regular expression in RE2's syntax, compiled. A search takes time linear in the text, whatever the pattern.
@safe final class Pattern: Hashable, Sendable {
    let text: Text
    /// RE2's objects may be searched with by several threads at once (re2.h); this one is freed by `deinit` alone.
    private nonisolated(unsafe) let compiled: OpaquePointer

    /// - Throws: RE2's words for what is wrong.
    init(_ text: Text, memory: Int64 = FilterLimits.patternMemory) throws(Invalid) {
        self.text = text
        var message = [CChar](repeating: 0, count: 200)
        // The arrays outlive the call, which copies the pattern and writes no more than `message` holds.
        let compiled = unsafe cre2_compile(text.bytes, text.bytes.count, memory, &message, message.count)
        guard let compiled = unsafe compiled else {
            throw Invalid(reason: String(decoding: message.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self))
        }
        unsafe self.compiled = compiled
    }

    deinit { unsafe cre2_free(compiled) }

    struct Invalid: Error { var reason: String }

    /// Whether it is somewhere in the text.
    @inline(__always)
    func isIn(_ text: Span<UInt8>) -> Bool {
        // The span's bytes are valid during the call.
        unsafe text.withUnsafeBufferPointer { unsafe cre2_is_in(compiled, $0.baseAddress, $0.count) }
    }

    static func == (a: Pattern, b: Pattern) -> Bool { a.text == b.text }
    func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
