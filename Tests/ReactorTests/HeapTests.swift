import Reactor
import Testing

@Suite struct HeapTests {
    /// The C library says so in the word before a block, by its second bit.
    private func isFromTheSystem(_ bytes: Int) -> Bool {
        let block = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 16)
        defer { unsafe block.deallocate() }
        return unsafe (block - 8).load(as: UInt64.self) & 2 != 0
    }

    @Test func buffersOfALargeRequestComeFromTheHeapsAndNotOneByOneFromTheSystem() {
        Heap.setUp()
        #expect(!isFromTheSystem(900 << 10))
    }
}
