internal import EventLog
internal import Glibc

/// What was acknowledged, beside the database: the file `ledger`.
///
/// SQLite's recovery stops at the first frame of the write-ahead log that is damaged, and drops the rest without a word. So
/// each commit is noted here, too, after it is on the disk and before anybody is told; what the database lacks at the next
/// start was lost, and its offsets are not given again. The ledger also is the second copy of the table of partitions.
///
/// A note is one write of 40 bytes without a sync: it outlives the process. `sync`, every second or so, makes it outlive the
/// system. So a power failure *and* damage of the write-ahead log together may hide what was lost of that last second.
///
///     slot 0      "evledger" (8) | format (8) | time of day (8) | steady clock (8) | boot (8) | checksum (8)
///     slot 1 ...  a partition each (`LedgerSlot`)
///
/// Used on the writer's thread only.
final class Ledger {
    /// What the file said when it was opened.
    struct Content {
        /// Nothing was there: the log is new, or was written by a version without a ledger.
        var isMissing = false
        var entries: [LedgerEntry] = []
        /// Slots that are not as they were written.
        var damagedSlots = 0
        /// The last moment at which the time of day was believed. Without a steady time if the system was started anew.
        var moment: (now: Timestamp, steady: Int64?)?
    }

    private struct Slot {
        /// In the file.
        var place: Int
        /// Of the part of the slot that never changes.
        var checksum: Checksum
    }

    static let fileName = "ledger"
    private static let magic: Int64 = 0x7265_6764_656C_7665  // "evledger"
    private static let format: Int64 = 1
    private static let headerLength = 48

    private let descriptor: Int32
    private var slots: [TopicPartition: Slot] = [:]
    private var isDirty = false
    private let boot: Int64

    init(_ directory: String) throws(LogError) {
        let path = "\(directory)/\(Self.fileName)"
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        boot = Self.bootNumber()
        guard descriptor >= 0 else {
            throw .invalid("\(path) can't be opened (\(errorText(errno))); make it writable for this user")
        }
    }

    deinit {
        close(descriptor)
    }

    /// What was noted before.
    func read() throws(LogError) -> Content {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            // The buffer is valid within the closure.
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe pread(descriptor, $0.baseAddress, $0.count, off_t(bytes.count))
            }
            guard count >= 0 else { throw failure("pread") }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        var content = Content()
        guard !bytes.isEmpty else {
            content.isMissing = true
            return content
        }
        if bytes.count >= LedgerSlot.size { readHeader(Array(bytes[..<Self.headerLength]), &content) }
        for start in stride(from: LedgerSlot.size, to: bytes.count, by: LedgerSlot.size) {
            if let entry = LedgerSlot.entry(bytes[start..<min(start + LedgerSlot.size, bytes.count)]) {
                content.entries.append(entry)
            } else {
                content.damagedSlots += 1
            }
        }
        return content
    }

    private func readHeader(_ header: [UInt8], _ content: inout Content) {
        guard LedgerSlot.hasChecksum(header, at: Self.headerLength - 8),
            LedgerSlot.integer(header, at: 0) == Self.magic
        else {
            content.damagedSlots += 1
            return
        }
        let isSameBoot = boot != 0 && LedgerSlot.integer(header, at: 32) == boot
        content.moment = (
            LedgerSlot.integer(header, at: 16), isSameBoot ? LedgerSlot.integer(header, at: 24) : nil
        )
    }

    /// Writes the whole anew, and waits for the disk.
    func write(_ entries: [LedgerEntry], at moment: ClockWatch.Moment) throws(LogError) {
        slots = [:]
        try write(header(moment)[...], at: 0)
        guard ftruncate(descriptor, off_t((entries.count + 1) * LedgerSlot.size)) == 0 else {
            throw failure("ftruncate")
        }
        try add(entries)
    }

    /// Writes entries for partitions that have none yet, and waits for the disk.
    func add(_ entries: [LedgerEntry]) throws(LogError) {
        guard !entries.isEmpty else { return }
        let start = (slots.count + 1) * LedgerSlot.size
        isDirty = true
        let slotsBytes = entries.map(LedgerSlot.bytes)
        try write(Array(slotsBytes.joined())[...], at: start)
        for (index, entry) in entries.enumerated() {
            slots[TopicPartition(entry.topic, entry.number)] = Slot(
                place: start + index * LedgerSlot.size, checksum: LedgerSlot.identityChecksum(slotsBytes[index]))
        }
        try sync()
    }

    /// Notes how far a partition is acknowledged.
    func note(_ entry: LedgerEntry) throws(LogError) {
        guard let slot = slots[TopicPartition(entry.topic, entry.number)] else { return }
        isDirty = true
        let bytes = LedgerSlot.changingBytes(entry, after: slot.checksum)
        try write(bytes[...], at: slot.place + LedgerSlot.changing.lowerBound)
    }

    /// Notes a moment at which the time of day was believed.
    func note(_ moment: ClockWatch.Moment) throws(LogError) {
        isDirty = true
        try write(header(moment)[..<Self.headerLength], at: 0)
    }

    /// Waits until the disk has all notes.
    func sync() throws(LogError) {
        guard isDirty else { return }
        guard fdatasync(descriptor) == 0 else { throw failure("fdatasync") }
        isDirty = false
    }

    private func header(_ moment: ClockWatch.Moment) -> [UInt8] {
        var bytes: [UInt8] = []
        for integer in [Self.magic, Self.format, moment.now, moment.steady, boot] {
            LedgerSlot.append(integer, to: &bytes)
        }
        LedgerSlot.appendChecksum(to: &bytes)
        return bytes + [UInt8](repeating: 0, count: LedgerSlot.size - bytes.count)
    }

    private func write(_ bytes: ArraySlice<UInt8>, at place: Int) throws(LogError) {
        var written = 0
        while written < bytes.count {
            // The buffer is valid within the closure.
            let count = unsafe bytes.dropFirst(written).withUnsafeBytes {
                unsafe pwrite(descriptor, $0.baseAddress, $0.count, off_t(place + written))
            }
            guard count > 0 else { throw failure("pwrite") }
            written += count
        }
    }

    private func failure(_ call: String) -> LogError {
        let code = errno
        let detail = "the log's ledger can't be written: \(call): \(errorText(code))"
        return code == ENOSPC || code == EDQUOT || code == EFBIG ? .full(detail) : .unavailable(detail)
    }

    /// A number for this start of the system; 0 where the system has none.
    private static func bootNumber() -> Int64 {
        let file = unsafe open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return 0 }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 64)
        // The buffer is valid within the closure.
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.read(file, $0.baseAddress, $0.count) }
        guard count >= 36 else { return 0 }
        return bytes[..<36].reduce(Int64(bitPattern: 0xCBF2_9CE4_8422_2325)) { hash, byte in
            (hash ^ Int64(byte)) &* 0x0100_0000_01B3
        }
    }
}
