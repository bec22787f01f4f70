internal import CLinux

/// How the C library keeps the memory that the program has given back.
public enum Heap {
    /// Blocks larger than this are the system's own, and go back to it at once. Bytes.
    private static let largestBlock: Int32 = 1 << 20
    /// Free memory that each heap keeps at its end. Bytes.
    private static let spare: Int32 = 4 << 20

    /// Sets the heaps up for a server. To be called before there is a second thread.
    ///
    /// All threads share two heaps. By default the library makes up to eight for each core, and what a thread gives back to one
    /// is of no use to a thread that has another: buffers that go from the log's threads to the loops would leave more and more
    /// heaps with holes. The loops send without allocating, so that they don't wait for each other here.
    ///
    /// The heaps keep what the next request needs. By default blocks from 128 KiB on, such as the body of a hundred events, come from
    /// the system one by one and go back to it, and so does what is free at a heap's end: then each request has every page of its
    /// buffers given and cleared anew, which takes longer than to read it.
    public static func setUp() {
        _ = linux_set_heaps(2)
        _ = linux_set_heap_reserve(largestBlock, spare)
    }
}
