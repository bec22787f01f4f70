import Glibc
import Testing

@testable import HTTP2

@Suite struct HTTP2SessionMemoryTests {
    /// Memory as a heap gives it that has used it before; how many bytes of it are empty after it was given to a session.
    private func emptyBytes(of count: Int) throws -> Int {
        let memory = try unsafe #require(malloc(count))
        defer { unsafe free(memory) }
        unsafe memset(memory, 0x78, count)
        let emptied = try unsafe #require(HTTP2SessionMemory.emptied(memory, count))
        return unsafe UnsafeRawBufferPointer(start: emptied, count: count).count { $0 == 0 }
    }

    @Test func aFramesBufferTakesMemoryOnlyWhereItIsUsed() throws {
        let empty = try emptyBytes(of: 16_394)
        #expect(empty >= 3 * 4096 && empty % 4096 == 0)
    }

    @Test func whatIsSmallStaysAsItIs() throws { #expect(try emptyBytes(of: 4096) == 0) }
}
