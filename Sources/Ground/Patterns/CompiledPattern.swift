internal import CRE2

/// A regular expression in RE2's syntax, compiled. A search takes time linear in the text, whatever the pattern.
@safe public final class CompiledPattern: Sendable {
    /// RE2's objects may be searched with by several threads at once (re2.h); this one is freed by `deinit` alone.
    private nonisolated(unsafe) let compiled: OpaquePointer

    /// Why a text is no pattern, in RE2's words.
    public struct Invalid: Error, Hashable, Sendable {
        public var reason: String
    }

    /// - Parameters:
    ///   - text: UTF-8.
    ///   - memory: bytes that the pattern may take when it is compiled and searched for.
    public init(_ text: [UInt8], memory: Int64) throws(Invalid) {
        var message = [CChar](repeating: 0, count: 200)
        // The arrays outlive the call, which copies the pattern and writes no more than `message` holds.
        let compiled = unsafe cre2_compile(text, text.count, memory, &message, message.count)
        guard let compiled = unsafe compiled else {
            throw Invalid(reason: String(decoding: message.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self))
        }
        unsafe self.compiled = compiled
    }

    deinit { unsafe cre2_free(compiled) }

    /// Whether it is somewhere in the text.
    public func isIn(_ text: Span<UInt8>) -> Bool {
        // The span's bytes are valid during the call.
        unsafe text.withUnsafeBufferPointer { unsafe cre2_is_in(compiled, $0.baseAddress, $0.count) }
    }
}
