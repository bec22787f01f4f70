internal import Glibc

/// The rests of frames that subscribers had a part of when their sinks took no more, where no ring keeps these frames: replays
/// have none, and a ring lets go of what is too much.
///
/// Equal frames are kept once and counted once, however many subscribers stand in them: a large event that a thousand slow
/// clients are in the middle of costs what it costs for one.
struct RestTable {
    fileprivate final class Frame {
        let bytes: [UInt8]
        /// Its entry in `frames`; nil: another has it.
        let hash: Int?
        var holders = 0

        init(_ bytes: [UInt8], hash: Int?) {
            self.bytes = bytes
            self.hash = hash
        }
    }

    typealias FrameID = ObjectIdentifier

    struct Rest {
        fileprivate let frame: Frame
        /// The index of the next byte to send.
        fileprivate(set) var next: Int
        /// Of the whole frame.
        var bytes: [UInt8] { frame.bytes }
        /// The same for all who stand in the frame.
        var id: FrameID { FrameID(frame) }
    }

    /// By subscriber.
    private var rests: [Int: Rest] = [:]
    /// By the hash of some of their bytes.
    private var frames: [Int: Frame] = [:]
    /// Of all frames, each counted once.
    private(set) var bytes = 0

    /// Keeps a frame for a subscriber that has none.
    ///
    /// - Parameter next: the index, in the array of which the frame is a part, of the first byte that the subscriber has not had.
    mutating func keep(_ frame: ArraySlice<UInt8>, from next: Int, for subscriber: Int) {
        let hash = Self.hash(frame)
        let kept: Frame
        if let known = frames[hash], Self.areEqual(known.bytes[...], frame) {
            kept = known
        } else {
            kept = Frame(Array(frame), hash: frames[hash] == nil ? hash : nil)
            if kept.hash != nil { frames[hash] = kept }
            bytes += frame.count
        }
        kept.holders += 1
        rests[subscriber] = Rest(frame: kept, next: next - frame.startIndex)
    }

    subscript(subscriber: Int) -> Rest? { rests[subscriber] }

    func has(_ subscriber: Int) -> Bool { rests[subscriber] != nil }

    /// Notes that a subscriber has had so many bytes more.
    mutating func pass(_ count: Int, _ subscriber: Int) { rests[subscriber]?.next += count }

    mutating func remove(_ subscriber: Int) {
        guard let frame = rests.removeValue(forKey: subscriber)?.frame else { return }
        frame.holders -= 1
        guard frame.holders == 0 else { return }
        bytes -= frame.bytes.count
        if let hash = frame.hash { frames[hash] = nil }
    }

    /// How many bytes a subscriber has not had.
    func left(of subscriber: Int) -> Int {
        rests[subscriber].map { $0.frame.bytes.count - $0.next } ?? 0
    }

    /// Of the length, and of the bytes at both ends, where frames have their ids and their times.
    private static func hash(_ frame: ArraySlice<UInt8>) -> Int {
        var hasher = Hasher()
        hasher.combine(frame.count)
        hasher.combine(frame.prefix(64))
        hasher.combine(frame.suffix(64))
        return hasher.finalize()
    }

    private static func areEqual(_ one: ArraySlice<UInt8>, _ other: ArraySlice<UInt8>) -> Bool {
        let count = one.count
        guard count == other.count else { return false }
        // Both are valid within the closures, and as long as each other.
        return unsafe one.withUnsafeBytes { one in
            unsafe other.withUnsafeBytes { other in
                guard let one = one.baseAddress, let other = other.baseAddress else { return true }
                return unsafe memcmp(one, other, count) == 0
            }
        }
    }
}
