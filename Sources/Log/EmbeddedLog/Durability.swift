/// What an acknowledged record survives.
public enum Durability: Sendable {
    /// A crash of the process, of the system, and a power failure: each commit waits until the disk has it
    /// (`synchronous=FULL`). Commits are shared by all appends that wait, so this costs latency, not throughput.
    case full
    /// A crash of the process. After a power failure the newest commits may be missing, but the log is whole
    /// (`synchronous=NORMAL`). Not what `EventLog.append` promises: for tests and for data that can be had again.
    case normal
}
