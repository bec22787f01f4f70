/// Reads `text/event-stream` as WHATWG HTML, section 9.2.6 says, from pieces of any size.
///
/// It shares nothing with the encoder, so that each can show the other's mistakes. What it keeps between two pushes is
/// bounded by the limit, whatever comes.
public struct EventStreamParser: Sendable {
    /// 16 MiB.
    public static let defaultLimit = 16 << 20

    /// Bytes of one event with its field names, and of one line, at most.
    public let limit: Int
    /// The id to send when connecting anew. Empty: none.
    public private(set) var lastEventID: [UInt8] = []

    /// How many bytes of a byte order mark have been seen; nil when the stream's first bytes are past.
    private var markBytes: Int? = 0
    /// The last push ended with a CR: an LF at the next one's start belongs to it.
    private var endedWithCR = false
    /// The beginning of a line whose end has not come yet.
    private var line: [UInt8] = []
    private var data: [UInt8] = []
    private var hasData = false
    private var type: [UInt8] = []
    private var id: [UInt8]?
    private var isTooLong = false

    public init(limit: Int = defaultLimit, lastEventID: [UInt8] = []) {
        self.limit = limit
        self.lastEventID = lastEventID
    }

    /// Takes the next bytes and appends to `items` what they complete.
    ///
    /// - Throws: at an event that is longer than the limit; from then on always.
    public mutating func push(_ bytes: Span<UInt8>, into items: inout [EventStreamItem]) throws(EventStreamError) {
        guard !isTooLong else { throw .tooLong(limit: limit) }
        var place = passByteOrderMark(bytes)
        if endedWithCR, place < bytes.count {
            if bytes[place] == 0x0A { place += 1 }
            endedWithCR = false
        }
        var ends = LineEnds()
        while let end = ends.first(in: bytes, from: place) {
            try require(line.count + (end - place))
            if line.isEmpty {
                take(bytes.extracting(place..<end), &items)
            } else {
                // Out of the parser while it is read, so that the parser may be changed meanwhile.
                var whole: [UInt8] = []
                swap(&whole, &line)
                Self.append(bytes.extracting(place..<end), to: &whole)
                take(whole.span, &items)
            }
            place = end + 1
            guard bytes[end] == 0x0D else { continue }
            if place == bytes.count {
                endedWithCR = true
            } else if bytes[place] == 0x0A {
                place += 1
            }
        }
        try require(line.count + (bytes.count - place))
        Self.append(bytes.extracting(place..<bytes.count), to: &line)
    }

    /// Takes the next bytes and returns what they complete. Where it throws, what came before the event that is too long
    /// is lost; the call above keeps it.
    public mutating func push(_ bytes: [UInt8]) throws(EventStreamError) -> [EventStreamItem] {
        var items: [EventStreamItem] = []
        try push(bytes.span, into: &items)
        return items
    }

    /// The end of the body: what is not complete is discarded, and the parser is ready for the next body with the last id.
    ///
    /// - Returns: whether anything was discarded.
    @discardableResult
    public mutating func finish() -> Bool {
        let wasIncomplete = !line.isEmpty || hasData || !type.isEmpty || id != nil || markBytes ?? 0 > 0
        self = EventStreamParser(limit: limit, lastEventID: lastEventID)
        return wasIncomplete
    }

    /// A line's share of what is kept must fit the limit together with its event.
    private mutating func require(_ lineLength: Int) throws(EventStreamError) {
        guard lineLength <= limit - data.count - type.count - (id?.count ?? 0) else {
            isTooLong = true
            (line, data, type, id) = ([], [], [], nil)
            throw .tooLong(limit: limit)
        }
    }

    /// Where the stream's text begins in the first bytes. A mark that was only begun is text.
    private mutating func passByteOrderMark(_ bytes: Span<UInt8>) -> Int {
        guard var seen = markBytes else { return 0 }
        let mark: [3 of UInt8] = [0xEF, 0xBB, 0xBF]
        var place = 0
        while place < bytes.count {
            guard bytes[place] == mark[seen] else {
                for index in 0..<seen { line.append(mark[index]) }
                markBytes = nil
                return place
            }
            place += 1
            seen += 1
            if seen == 3 {
                markBytes = nil
                return place
            }
        }
        markBytes = seen
        return place
    }

    private mutating func take(_ line: Span<UInt8>, _ items: inout [EventStreamItem]) {
        guard line.count > 0 else { return dispatch(&items) }
        // No known name is longer than five bytes: a colon behind them ends an unknown one.
        var colon = 0
        while colon < line.count, line[colon] != UInt8(ascii: ":") {
            colon += 1
            guard colon <= 5 else { return }
        }
        var start = min(colon + 1, line.count)
        if start < line.count, line[start] == 0x20 { start += 1 }
        let value = line.extracting(start..<line.count)
        if colon == 0 {
            items.append(.comment(Self.copy(value)))
        } else if Self.isName("data", line, colon) {
            if hasData { data.append(0x0A) }
            Self.append(value, to: &data)
            hasData = true
        } else if Self.isName("event", line, colon) {
            type = Self.copy(value)
        } else if Self.isName("id", line, colon) {
            for place in value.indices where value[place] == 0 { return }
            id = Self.copy(value)
        } else if Self.isName("retry", line, colon) {
            if let milliseconds = Self.digits(value) { items.append(.retry(milliseconds: milliseconds)) }
        }
    }

    private mutating func dispatch(_ items: inout [EventStreamItem]) {
        if let id { lastEventID = id }
        if hasData {
            let type = self.type.isEmpty ? "message" : String(decoding: self.type, as: UTF8.self)
            var data: [UInt8] = []
            swap(&data, &self.data)
            items.append(.event(ReceivedEvent(type: type, data: data, lastEventID: lastEventID)))
        } else if id != nil {
            items.append(.progress(lastEventID: lastEventID))
        }
        hasData = false
        type.removeAll(keepingCapacity: true)
        id = nil
    }

    private static func isName(_ name: StaticString, _ line: Span<UInt8>, _ length: Int) -> Bool {
        guard name.utf8CodeUnitCount == length else { return false }
        return name.withUTF8Buffer { name in
            // Lifetime: the buffer is read within this closure only.
            for place in 0..<length where unsafe line[place] != name[place] { return false }
            return true
        }
    }

    /// A number of ASCII digits only, at least one.
    private static func digits(_ value: Span<UInt8>) -> Int64? {
        guard value.count > 0 else { return nil }
        var number: Int64 = 0
        for place in value.indices {
            guard case UInt8(ascii: "0")...UInt8(ascii: "9") = value[place] else { return nil }
            let (tens, tensOverflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = tens.addingReportingOverflow(Int64(value[place] - UInt8(ascii: "0")))
            number = tensOverflow || overflow ? .max : sum
        }
        return number
    }

    private static func copy(_ bytes: Span<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        append(bytes, to: &result)
        return result
    }

    private static func append(_ bytes: Span<UInt8>, to result: inout [UInt8]) {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            // Lifetime: the buffer is copied within this closure only.
            unsafe result.append(contentsOf: buffer)
        }
    }
}
