import Glibc

/// A program with its standard output in a pipe.
final class ChildProcess {
    let identifier: pid_t
    private let output: Int32
    private var buffer: [UInt8] = []
    private var isReaped = false

    /// - Parameter program: an absolute path, or a product of this package, found beside the test binary.
    init(_ program: String, _ arguments: [String]) throws {
        let path = program.hasPrefix("/") ? program : try Self.product(program)
        var ends: [Int32] = [0, 0]
        // The buffer is valid within the closure and two entries long.
        guard unsafe ends.withUnsafeMutableBufferPointer({ unsafe pipe($0.baseAddress!) }) == 0 else {
            throw ChildError("pipe", errno)
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        // Null-terminated copies, freed below, after the call that reads them.
        var argv = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
        defer { for index in unsafe argv.indices { unsafe free(argv[index]) } }
        var child: pid_t = 0
        let result = unsafe posix_spawn(&child, path, &actions, nil, &argv, environ)
        Glibc.close(ends[1])
        guard result == 0 else {
            Glibc.close(ends[0])
            throw ChildError("posix_spawn of \(path)", result)
        }
        identifier = child
        output = ends[0]
    }

    deinit {
        kill()
        Glibc.close(output)
    }

    /// The next whole line; nil at the end of the output. Throws when none comes for a long time.
    func line() throws -> String? {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: buffer[..<end], as: UTF8.self)
                buffer.removeSubrange(...end)
                return line
            }
            var wait = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&wait, 1, 60_000) > 0 else { throw ChildError("a line of output", ETIMEDOUT) }
            var bytes = [UInt8](repeating: 0, count: 65536)
            // The buffer is valid within the closure.
            let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(output, $0.baseAddress, $0.count) }
            guard count > 0 else { return nil }
            buffer += bytes[..<count]
        }
    }

    /// `kill -9`, and waits until it is gone.
    func kill() {
        guard !isReaped else { return }
        Glibc.kill(identifier, SIGKILL)
        _ = wait()
    }

    /// The exit status once it has ended by itself; nil where a signal ended it.
    func wait() -> Int32? {
        guard !isReaped else { return nil }
        var status: Int32 = 0
        while unsafe waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        isReaped = true
        return status & 0x7F == 0 ? status >> 8 & 0xFF : nil
    }

    /// The path of one of this package's programs.
    static func product(_ name: String) throws -> String {
        var bytes = [UInt8](repeating: 0, count: 4096)
        // The buffer is valid within the closure.
        let count = unsafe bytes.withUnsafeMutableBufferPointer {
            unsafe $0.withMemoryRebound(to: CChar.self) {
                unsafe readlink("/proc/self/exe", $0.baseAddress!, $0.count)
            }
        }
        guard count > 0 else { throw ChildError("readlink", errno) }
        let path = String(decoding: bytes[..<count], as: UTF8.self)
        return path[...(path.lastIndex(of: "/") ?? path.startIndex)] + name
    }
}

struct ChildError: Error, CustomStringConvertible {
    var description: String

    init(_ call: String, _ code: Int32) {
        description = "\(call): \(unsafe String(cString: unsafe strerror(code)))"
    }
}

/// Runs what blocks on a thread of its own, so that the threads of all tasks stay free.
func onThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
        let work: @Sendable () -> Void = { continuation.resume(with: Result { try body() }) }
        // The thread owns this reference from here on and releases it when done.
        let context = unsafe Unmanaged.passRetained(ThreadBody(work)).toOpaque()
        var thread = pthread_t()
        let result = unsafe pthread_create(
            &thread, nil,
            { context in
                unsafe Unmanaged<ThreadBody>.fromOpaque(context!).takeRetainedValue().run()
                return nil
            }, context)
        precondition(result == 0, "no thread could be started")
        pthread_detach(thread)
    }
}

private final class ThreadBody {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) {
        self.run = run
    }
}
