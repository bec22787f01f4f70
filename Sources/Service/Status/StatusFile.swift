internal import Bytes
internal import Compression
package import EventLog

/// What is kept of the status from one start to the next, as bytes.
///
/// ```
/// "ESSTATUS"  version: 1 byte  saved: 8 (Unix ms)  ended: 1 (0: the server was running; 1: it ended in order)
/// newest minute: 8 (Int64.min: none)  figures: 1 (how many)  each: 1440 x 4
/// streams: 2 (how many)  each: name: 1 + bytes  events: 1440 x 4  states: 1440 x 1 (255: unknown)
/// incidents: 1 (how many)  each: time: 8  kind: 1  number: 8  subject: 2 + bytes
/// CRC-32 of all that: 4
/// ```
/// Numbers are little-endian. Whatever is not exactly that is no file: damaged ones and those of later versions are not read.
package struct StatusFile: Hashable, Sendable {
    package static let version: UInt8 = 1
    private static let magic = Array("ESSTATUS".utf8)
    /// Times that a clock may have shown, so that sums of them are numbers: the years 1970 to 9999. Unix milliseconds.
    fileprivate static let times: ClosedRange<Timestamp> = 0...253_402_300_799_999

    /// When it was written. Unix milliseconds.
    package var saved: Timestamp
    /// Whether the server ended in order then; else it was running.
    package var hasEnded: Bool
    package var history: StatusHistory
    package var incidents: [Incident]

    package init(saved: Timestamp, hasEnded: Bool, history: StatusHistory, incidents: [Incident]) {
        self.saved = saved
        self.hasEnded = hasEnded
        self.history = history
        self.incidents = incidents
    }

    // MARK: Writing

    package var bytes: [UInt8] {
        var bytes = Self.magic + [Self.version]
        bytes.append(littleEndian: saved)
        bytes.append(hasEnded ? 1 : 0)
        bytes.append(littleEndian: history.newest ?? .min)
        bytes.append(UInt8(history.service.count))
        for ring in history.service { for value in ring.places { bytes.append(littleEndian: value) } }
        let streams = history.streams.filter { $0.key.utf8.count <= 255 }.sorted { $0.key < $1.key }
        bytes.append(littleEndian: UInt16(streams.count))
        for (name, stream) in streams {
            bytes.append(UInt8(name.utf8.count))
            bytes += name.utf8
            for value in stream.events.places { bytes.append(littleEndian: value) }
            for value in stream.states.places { bytes.append(UInt8(clamping: value)) }
        }
        let incidents = incidents.suffix(StatusKeeper.mostIncidents)
        bytes.append(UInt8(incidents.count))
        for incident in incidents {
            bytes.append(littleEndian: incident.time)
            bytes.append(incident.kind.rawValue)
            bytes.append(littleEndian: incident.number)
            let subject = incident.subject.utf8.prefix(Int(UInt16.max))
            bytes.append(littleEndian: UInt16(subject.count))
            bytes += subject
        }
        bytes.append(littleEndian: GzipSum(bytes.span).crc)
        return bytes
    }

    // MARK: Reading

    /// Nil: these bytes are no such file, of a later version, or damaged.
    package init?(_ bytes: [UInt8]) {
        guard bytes.starts(with: Self.magic), bytes.count >= Self.magic.count + 4 else { return nil }
        var end = ByteReader(bytes.suffix(4))
        let summed = bytes.span.extracting(0..<bytes.count - 4)
        guard let sum: UInt32 = end.number(), sum == GzipSum(summed).crc else { return nil }
        var reader = ByteReader(bytes[Self.magic.count..<bytes.count - 4])
        guard reader.byte() == Self.version, let saved: Int64 = reader.number(), let hasEnded = reader.flag(),
            let newest: Int64 = reader.number(), reader.byte() == UInt8(StatusFigure.allCases.count)
        else { return nil }
        var service: [MinuteRing] = []
        for _ in StatusFigure.allCases {
            guard let ring = reader.ring() else { return nil }
            service.append(ring)
        }
        guard let count: UInt16 = reader.number(), count <= StatusHistory.mostStreams else { return nil }
        var streams: [String: StatusHistory.Stream] = [:]
        for _ in 0..<count {
            guard let length = reader.byte(), let name = reader.text(Int(length)), let events = reader.ring(),
                let states = reader.states(),
                streams.updateValue(.init(events: events, states: states), forKey: name) == nil
            else { return nil }
        }
        guard let number = reader.byte(), number <= StatusKeeper.mostIncidents else { return nil }
        var incidents: [Incident] = []
        for _ in 0..<number {
            guard let incident = reader.incident() else { return nil }
            incidents.append(incident)
        }
        let minutes = Self.times.lowerBound / 60_000...Self.times.upperBound / 60_000
        guard reader.isAtEnd, Self.times.contains(saved), newest == .min || minutes.contains(newest) else { return nil }
        self.init(
            saved: saved, hasEnded: hasEnded,
            history: StatusHistory(newest: newest == .min ? nil : newest, service: service, streams: streams),
            incidents: incidents)
    }
}

extension ByteReader {
    fileprivate mutating func flag() -> Bool? { byte().flatMap { $0 <= 1 ? $0 == 1 : nil } }

    fileprivate mutating func ring() -> MinuteRing? {
        guard let all = bytes(4 * MinuteRing.count) else { return nil }
        let places = stride(from: all.startIndex, to: all.endIndex, by: 4).map { place in
            UInt32(all[place]) | UInt32(all[place + 1]) << 8 | UInt32(all[place + 2]) << 16
                | UInt32(all[place + 3]) << 24
        }
        return MinuteRing(places: places)
    }

    fileprivate mutating func states() -> MinuteRing? {
        bytes(MinuteRing.count).flatMap { MinuteRing(places: $0.map { value in value == 255 ? .max : UInt32(value) }) }
    }

    fileprivate mutating func incident() -> Incident? {
        guard let time: Int64 = number(), let kind = byte().flatMap(Incident.Kind.init),
            let count: Int64 = number(),
            let length: UInt16 = number(), let subject = text(Int(length)), StatusFile.times.contains(time)
        else { return nil }
        return Incident(kind, of: subject, number: count, at: time)
    }
}
