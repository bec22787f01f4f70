internal import CLinux

/// How the C library keeps the memory that the program has given back.
public enum Heap {
    /// Has all threads share two heaps. By default the library makes up to eight for each core, and what a thread gives back to one
    /// is of no use to a thread that has another: buffers that go from the log's threads to the loops would leave more and more
    /// heaps with holes. The loops send without allocating, so that they don't wait for each other here.
    ///
    /// To be called before there is a second thread.
    public static func share() { _ = linux_set_heaps(2) }
}
