internal import CCurl
internal import Glibc
internal import Synchronization

/// The thread that runs all of a client's transfers: one libcurl multi handle, which keeps connections for the next
/// request. The thread keeps the engine alive; it ends when it was told to close.
@safe final class Engine: Sendable {
    private struct Jobs {
        var new: [Transfer] = []
        var isClosing = false
    }

    private let jobs = Mutex(Jobs())
    /// Lifetime: made in `init` and freed by the thread as the last thing it does, under the lock; `curl_multi_wakeup` is
    /// the one call that others make, under the same lock and not after that. All else is the thread's alone.
    private nonisolated(unsafe) let multi: UnsafeMutableRawPointer?

    /// libcurl wants this once, before any of its other functions and any thread of its own.
    private static let isReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init() { unsafe multi = Self.isReady ? curl_multi_init() : nil }

    /// - Throws: when there is no thread to be had.
    func start() throws(HTTPClientError) {
        guard unsafe multi != nil else { throw .failed(code: 2, reason: "libcurl can't be initialised") }
        var thread = pthread_t()
        // Lifetime: the thread takes the reference that is retained here.
        let engine = unsafe Unmanaged.passRetained(self)
        let code = unsafe pthread_create(
            &thread, nil,
            { argument in
                if let argument = unsafe argument {
                    unsafe Unmanaged<Engine>.fromOpaque(argument).takeRetainedValue().run()
                }
                return nil
            }, engine.toOpaque())
        guard code == 0 else {
            unsafe engine.release()
            throw .failed(code: Int(code), reason: "no thread for the transfer can be started")
        }
        pthread_detach(thread)
    }

    func add(_ transfer: Transfer) {
        jobs.withLock { jobs in
            guard !jobs.isClosing else { return transfer.finish(.failure(.cancelled)) }
            jobs.new.append(transfer)
            unsafe curl_multi_wakeup(multi)
        }
    }

    func wake() {
        jobs.withLock { jobs in
            if !jobs.isClosing { unsafe curl_multi_wakeup(multi) }
        }
    }

    func close() {
        jobs.withLock { jobs in
            guard !jobs.isClosing else { return }
            jobs.isClosing = true
            unsafe curl_multi_wakeup(multi)
        }
    }

    static var now: Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    // MARK: The thread

    private func run() {
        var handles: [EasyHandle] = []
        while true {
            let (new, isClosing) = jobs.withLock { jobs in
                let new = jobs.new
                jobs.new = []
                return (new, jobs.isClosing)
            }
            for transfer in new { begin(transfer, &handles) }
            if isClosing { break }
            for handle in handles where handle.transfer.isCancelled { end(handle, .failure(.cancelled), &handles) }
            for handle in handles where handle.transfer.resumes() { handle.goOn() }
            var running: Int32 = 0
            unsafe curl_multi_perform(multi, &running)
            readMessages(&handles)
            var wait: Int64 = 60_000
            let now = Self.now
            for handle in handles {
                if let deadline = handle.transfer.expire(now: now) { wait = min(wait, max(deadline - now, 0)) }
            }
            // Returns earlier when a socket is ready, when libcurl has a timer due, and when woken.
            unsafe curl_multi_poll(multi, nil, 0, Int32(truncatingIfNeeded: wait), nil)
        }
        for handle in handles { end(handle, .failure(.cancelled), &handles) }
        jobs.withLock { _ in
            _ = unsafe curl_multi_cleanup(multi)
        }
    }

    private func begin(_ transfer: Transfer, _ handles: inout [EasyHandle]) {
        guard let handle = EasyHandle(transfer) else {
            return transfer.finish(.failure(.failed(code: 27, reason: "no memory for the transfer")))
        }
        guard unsafe curl_multi_add_handle(multi, handle.easy) == CURLM_OK else {
            return transfer.finish(.failure(.failed(code: 2, reason: "the transfer can't be started")))
        }
        handles.append(handle)
    }

    private func end(_ handle: EasyHandle, _ result: Result<Void, HTTPClientError>, _ handles: inout [EasyHandle]) {
        unsafe curl_multi_remove_handle(multi, handle.easy)
        handles.removeAll { $0 === handle }
        handle.transfer.finish(result)
    }

    private func readMessages(_ handles: inout [EasyHandle]) {
        var remaining: Int32 = 0
        // Lifetime: a message is valid until its handle is removed; what is needed of it is copied before.
        while let message = unsafe curl_multi_info_read(multi, &remaining) {
            guard unsafe message.pointee.msg == CURLMSG_DONE else { continue }
            let easy = unsafe message.pointee.easy_handle
            let code = unsafe ccurl_message_result(message)
            guard let handle = handles.first(where: { unsafe $0.easy == easy }) else { continue }
            end(handle, handle.result(code), &handles)
        }
    }
}
