internal import Patterns

/// A regular expression of a filter. Two are equal where they are written alike.
struct Pattern: Hashable, Sendable {
    let text: Text
    private let compiled: CompiledPattern

    struct Invalid: Error { var reason: String }

    /// - Throws: RE2's words for what is wrong.
    init(_ text: Text, memory: Int64 = FilterLimits.patternMemory) throws(Invalid) {
        self.text = text
        do throws(CompiledPattern.Invalid) { compiled = try CompiledPattern(text.bytes, memory: memory) } catch {
            throw Invalid(reason: error.reason)
        }
    }

    /// Whether it is somewhere in the text.
    @inline(__always)
    func isIn(_ text: Span<UInt8>) -> Bool { compiled.isIn(text) }

    static func == (a: Pattern, b: Pattern) -> Bool { a.text == b.text }
    func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
