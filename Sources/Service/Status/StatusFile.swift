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
    private static let times: ClosedRange<Timestamp> = 0...253_402_300_799_999

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
        bytes.append(number: saved)
        bytes.append(hasEnded ? 1 : 0)
        bytes.append(number: history.newest ?? .min)
        bytes.append(UInt8(history.service.count))
        for ring in history.service { for value in ring.places { bytes.append(number: value) } }
        let streams = history.streams.filter { $0.key.utf8.count <= 255 }.sorted { $0.key < $1.key }
        bytes.append(number: UInt16(streams.count))
        for (name, stream) in streams {
            bytes.append(UInt8(name.utf8.count))
            bytes += name.utf8
            for value in stream.events.places { bytes.append(number: value) }
            for value in stream.states.places { bytes.append(UInt8(clamping: value)) }
        }
        let incidents = incidents.suffix(StatusKeeper.mostIncidents)
        bytes.append(UInt8(incidents.count))
        for incident in incidents {
            bytes.append(number: incident.time)
            bytes.append(incident.kind.rawValue)
            bytes.append(number: incident.number)
            let subject = incident.subject.utf8.prefix(Int(UInt16.max))
            bytes.append(number: UInt16(subject.count))
            bytes += subject
        }
        bytes.append(number: GzipSum(bytes.span).crc)
        return bytes
    }

    // MARK: Reading

    /// Nil: these bytes are no such file, of a later version, or damaged.
    package init?(_ bytes: [UInt8]) {
        guard bytes.starts(with: Self.magic), bytes.count >= Self.magic.count + 4 else { return nil }
        var end = Reader(bytes.suffix(4))
        let summed = bytes.span.extracting(0..<bytes.count - 4)
        guard let sum: UInt32 = end.number(), sum == GzipSum(summed).crc else { return nil }
        var reader = Reader(bytes[Self.magic.count..<bytes.count - 4])
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

    private struct Reader {
        private var rest: ArraySlice<UInt8>

        init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

        var isAtEnd: Bool { rest.isEmpty }

        mutating func byte() -> UInt8? { rest.popFirst() }

        mutating func flag() -> Bool? { byte().flatMap { $0 <= 1 ? $0 == 1 : nil } }

        mutating func number<Number: FixedWidthInteger>() -> Number? {
            let size = Number.bitWidth / 8
            guard rest.count >= size else { return nil }
            var number: Number = 0
            for byte in rest.prefix(size).reversed() { number = number << 8 | Number(truncatingIfNeeded: byte) }
            rest.removeFirst(size)
            return number
        }

        mutating func text(_ length: Int) -> String? {
            guard rest.count >= length else { return nil }
            defer { rest.removeFirst(length) }
            return String(validating: rest.prefix(length), as: UTF8.self)
        }

        mutating func ring() -> MinuteRing? {
            let size = 4 * MinuteRing.count
            guard rest.count >= size else { return nil }
            defer { rest.removeFirst(size) }
            let places = stride(from: rest.startIndex, to: rest.startIndex + size, by: 4).map { place in
                UInt32(rest[place]) | UInt32(rest[place + 1]) << 8 | UInt32(rest[place + 2]) << 16
                    | UInt32(rest[place + 3]) << 24
            }
            return MinuteRing(places: places)
        }

        mutating func states() -> MinuteRing? {
            guard rest.count >= MinuteRing.count else { return nil }
            defer { rest.removeFirst(MinuteRing.count) }
            return MinuteRing(places: rest.prefix(MinuteRing.count).map { $0 == 255 ? .max : UInt32($0) })
        }

        mutating func incident() -> Incident? {
            guard let time: Int64 = number(), let kind = byte().flatMap(Incident.Kind.init),
                let count: Int64 = number(),
                let length: UInt16 = number(), let subject = text(Int(length)), StatusFile.times.contains(time)
            else { return nil }
            return Incident(kind, of: subject, number: count, at: time)
        }
    }
}

extension [UInt8] {
    /// Little-endian.
    fileprivate mutating func append(number: some FixedWidthInteger) {
        var rest = number
        for _ in 0..<rest.bitWidth / 8 {
            append(UInt8(truncatingIfNeeded: rest))
            rest = rest >> 8
        }
    }
}
