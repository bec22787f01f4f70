internal import Bytes
internal import Events
internal import JSON

/// The events of a body: a JSON object, or an array of them, scanned in one pass.
struct IntakeBody {
    let bytes: [UInt8]
    let events: [Place]
    /// The indices of all events, one behind the other.
    let index: [UInt16]
    /// Whether there is a CR or LF between tokens somewhere.
    let hasLineBreaks: Bool

    /// Where a value is that should be an event.
    struct Place {
        var start: Int
        var end: Int
        /// Where its index begins.
        var index: Int
        /// It has more levels than `depth`, and no index.
        var isTooDeep = false
    }

    /// The most levels of an event: what parsers take that nobody has set up for more.
    static let depth = 64

    /// - Throws: what keeps the whole from being read.
    init(_ bytes: [UInt8], limits: IntakeLimits) throws(IntakeError) {
        guard bytes.count <= limits.body else { throw .tooLarge(what: "The body", limit: limits.body) }
        guard !bytes.starts(with: [0xEF, 0xBB, 0xBF]) else {
            throw .invalidRequest("The body begins with a byte order mark (the bytes EF BB BF). Send JSON without it.")
        }
        var reader = Reader(bytes)
        do throws(JSONError) {
            try reader.readAll()
        } catch {
            throw .invalidRequest("The body isn't JSON: \(error).")
        }
        guard reader.isArray || reader.places.first.map({ bytes[$0.start] == UInt8(ascii: "{") }) == true else {
            throw .invalidRequest("The body must be an event (a JSON object) or an array of events.")
        }
        guard !reader.places.isEmpty else { throw .noEvents }
        guard reader.places.count <= limits.events else {
            throw .invalidRequest(
                "The body has \(reader.places.count) events; \(limits.events) may be sent at a time.")
        }
        self.bytes = bytes
        events = reader.places
        index = reader.index
        hasLineBreaks = bytes.span.firstIndex(of: 0x0A) != nil || bytes.span.firstIndex(of: 0x0D) != nil
    }

    /// A value as a document of its own; nil where it is too deep.
    func document(_ place: Place) -> JSONDocument? {
        place.isTooDeep ? nil : JSONDocument(bytes, base: place.start, index: index, at: place.index)
    }
}

/// Goes from value to value of the outermost array, and has each scanned.
private struct Reader: ~Copyable {
    private let bytes: [UInt8]
    private var position = 0
    private var scanner = JSONScanner()
    private(set) var isArray = false
    private(set) var places: [IntakeBody.Place] = []
    private(set) var index: [UInt16] = []

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        // What events of Wikimedia's need, and some more.
        index.reserveCapacity(bytes.count / 14 + 16)
    }

    mutating func readAll() throws(JSONError) {
        skipWhitespace()
        isArray = position < bytes.count && bytes[position] == UInt8(ascii: "[")
        if isArray { try readArray() } else { try readValue() }
        skipWhitespace()
        guard position == bytes.count else { throw JSONError(.trailingBytes, at: position) }
    }

    private mutating func readArray() throws(JSONError) {
        position += 1
        skipWhitespace()
        if position < bytes.count, bytes[position] == UInt8(ascii: "]") {
            position += 1
            return
        }
        while true {
            try readValue()
            skipWhitespace()
            guard position < bytes.count else { throw JSONError(.unexpectedEnd, at: position) }
            let byte = bytes[position]
            guard byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") else {
                throw JSONError(.unexpectedByte(byte), at: position)
            }
            position += 1
            if byte == UInt8(ascii: "]") { return }
            skipWhitespace()
        }
    }

    private mutating func readValue() throws(JSONError) {
        let (bytes, start) = (bytes, position)
        var place = IntakeBody.Place(start: start, end: start, index: index.count)
        scanner.removeAll()
        do throws(JSONError) {
            position = try scanner.scan(bytes.span, from: start, base: start, depth: IntakeBody.depth)
            scanner.appendIndex(ofTextOf: position - start, to: &index)
        } catch {
            guard case .tooDeep = error.reason else { throw error }
            // This one can't be stored; those behind it may.
            scanner.removeAll()
            position = try scanner.scan(bytes.span, from: start, base: start, depth: Event.maximumDepth)
            place.isTooDeep = true
        }
        place.end = position
        places.append(place)
    }

    private mutating func skipWhitespace() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }
}
