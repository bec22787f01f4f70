internal import CNghttp2
internal import Glibc

/// Memory of the library's sessions.
///
/// Each session has a buffer for one frame of 16 KiB, of which a connection whose streams' bytes are not copied there uses the
/// first hundred bytes. Where the heap gives it memory that was used before, such as for a TLS handshake, all of it would be
/// resident for as long as the connection lives: its pages are given back to the kernel, which gives empty ones when they are
/// touched.
enum HTTP2SessionMemory {
    /// A buffer from so many bytes on is given back. Bytes.
    private static let largeBytes = 16 * 1024
    private static let pageBytes = 4096

    /// Gives back the pages that lie wholly within memory that nothing is in yet.
    ///
    /// - Returns: the memory.
    static func emptied(_ memory: UnsafeMutableRawPointer?, _ count: Int) -> UnsafeMutableRawPointer? {
        guard count >= largeBytes, let memory = unsafe memory else { return unsafe memory }
        let first = unsafe memory.alignedUp(toMultipleOf: pageBytes)
        let pages = unsafe (count - (first - memory)) / pageBytes
        // Nothing is lost where it fails: the memory stays resident.
        if pages > 0 { _ = unsafe madvise(first, pages * pageBytes, MADV_DONTNEED) }
        return unsafe memory
    }
}

/// Not a member: a member's closures would capture its type, which a C function cannot.
///
/// Lifetime: the library frees by `free` what the others gave it, all of the same heap.
func sessionMemory() -> nghttp2_mem {
    unsafe nghttp2_mem(
        mem_user_data: nil, malloc: { count, _ in unsafe HTTP2SessionMemory.emptied(malloc(count), count) },
        free: { memory, _ in unsafe free(memory) }, calloc: { count, size, _ in unsafe calloc(count, size) },
        realloc: { memory, count, _ in
            guard let memory = unsafe memory else { return unsafe HTTP2SessionMemory.emptied(malloc(count), count) }
            return unsafe realloc(memory, count)
        })
}
