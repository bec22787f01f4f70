internal import Glibc

/// How many descriptors this process may have open (`RLIMIT_NOFILE`; `ulimit -n`).
public enum DescriptorLimit {
    /// What the limit was and what it is now. `Int.max`: there is none.
    public struct Change: Sendable, Equatable {
        public var before: Int
        public var now: Int
    }

    /// Raises the soft limit to the hard one, as any process may. Shells and service managers keep the soft limit low
    /// for programs that use `select(2)`, which this one does not.
    ///
    /// - Throws: `SystemError` when the limit can't be read. One that can't be raised stays.
    @discardableResult
    public static func raise() throws(SystemError) -> Change {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        // The limit is written before the call returns.
        guard unsafe getrlimit(resource, &limit) == 0 else { throw SystemError(call: "getrlimit", number: errno) }
        let before = Int(clamping: limit.rlim_cur)
        guard limit.rlim_cur < limit.rlim_max else { return Change(before: before, now: before) }
        limit.rlim_cur = limit.rlim_max
        let isRaised = unsafe setrlimit(resource, &limit) == 0
        return Change(before: before, now: isRaised ? Int(clamping: limit.rlim_cur) : before)
    }
}
