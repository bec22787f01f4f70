internal import Bytes

/// The streams of one connection in the order of their identifiers, which is the order they began in: a client's identifiers
/// only rise (RFC 9113, section 5.1.1).
///
/// A caller that writes to all streams of a connection goes through them in that order, too: the stream that was looked for last,
/// and the one after it, are found at once.
struct HTTP2StreamTable {
    private var streams: ContiguousArray<HTTP2ServerStream> = []
    /// The place that was looked for last.
    private var latest = 0

    var count: Int { streams.count }
    var isEmpty: Bool { streams.isEmpty }

    /// - Parameter place: as `place(of:)` gave it, and nothing was added or removed since.
    subscript(_ place: Int) -> HTTP2ServerStream {
        get { streams[place] }
        _modify { yield &streams[place] }
    }

    /// Adds a stream whose identifier is not there.
    mutating func add(_ stream: HTTP2ServerStream) { streams.insert(stream, at: lowerBound(stream.id)) }

    mutating func remove(_ id: Int32) -> HTTP2ServerStream? {
        guard let place = place(of: id) else { return nil }
        let stream = streams.remove(at: place)
        if streams.isEmpty { streams = [] }
        return stream
    }

    mutating func place(of id: Int32) -> Int? {
        if let place = nearby({ $0.id == id }) { return place }
        let place = lowerBound(id)
        guard place < streams.count, streams[place].id == id else { return nil }
        latest = place
        return place
    }

    mutating func place(tagged tag: Int32) -> Int? {
        if let place = nearby({ $0.tag == tag }) { return place }
        guard let place = streams.firstIndex(where: { $0.tag == tag }) else { return nil }
        latest = place
        return place
    }

    /// The identifiers of streams for which something holds.
    func ids(where holds: (HTTP2ServerStream) -> Bool) -> [Int32] { streams.filter(holds).map(\.id) }

    var tags: [Int32] { streams.map(\.tag).filter { $0 >= 0 } }

    private mutating func nearby(_ isMeant: (HTTP2ServerStream) -> Bool) -> Int? {
        if latest < streams.count, isMeant(streams[latest]) { return latest }
        guard latest + 1 < streams.count, isMeant(streams[latest + 1]) else { return nil }
        latest += 1
        return latest
    }

    /// The first place whose identifier is not below `id`.
    private func lowerBound(_ id: Int32) -> Int {
        streams.indices.firstIndex(thatHasReached: { streams[$0].id >= id })
    }
}
