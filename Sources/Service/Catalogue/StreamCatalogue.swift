internal import Bytes
internal import EventLog

/// The streams that are served, by every name a client may use (contract, section 8). A value: a reload makes another.
package struct StreamCatalogue: Hashable, Sendable {
    /// Sorted by name.
    package let streams: [PublicStream]
    /// Each topic of all streams, with the partitions it is to have: the most that a stream asks for.
    package let topics: [String: Int32]
    /// Every setting of every stream, also of patterns of streams.
    package let configuration: StreamConfiguration
    /// Sentences for the log about what was configured to no effect.
    package let warnings: [String]

    private let places: [String: Int]
    /// What each stream is by itself. Kept, so that the tens of thousands who ask for no other share its names.
    private let alone: [Selection]
    private let streamsByTopic: [String: [String]]

    /// - Parameters:
    ///   - configured: of streams with one name the last counts. Names between slashes are patterns, and are dropped.
    ///   - allowed: canonical names; nil serves all.
    ///   - configuration: where the streams are from.
    package init(
        _ configured: [PublicStream], allowed: [String]? = nil, configuration: StreamConfiguration = .empty
    ) throws(CatalogueError) {
        self.configuration = allowed.map { configuration.keeping(Set($0)) } ?? configuration
        var byName: [String: PublicStream] = [:]
        for stream in configured where !stream.name.hasPrefix("/") { byName[stream.name] = stream }
        let known = byName
        if let allowed { byName = byName.filter { allowed.contains($0.key) } }
        let streams = byName.values.sorted { $0.name < $1.name }
        guard !streams.isEmpty else { throw .noStreams(configured: known.count, allowed: allowed ?? []) }
        let misspelt = streams.flatMap { stream in
            stream.unknownSettings.compactMap { key -> String? in
                guard let near = Nearest.names(to: key, among: StreamDocument.known, count: 1).first else { return nil }
                return "the stream \(stream.name) has the unknown setting \(Excerpt.of(key)); did you mean \(near)?"
            }
        }
        warnings =
            misspelt.prefix(20)
            + (allowed ?? []).filter { known[$0] == nil }.map { name in
                let near = Nearest.hint(name, among: known.keys)
                return "allowed_streams has \(Excerpt.of(name)), which is not configured\(near)"
            }

        var places: [String: Int] = [:]
        var topics: [String: Int32] = [:]
        var streamsByTopic: [String: [String]] = [:]
        for (place, stream) in streams.enumerated() {
            guard !stream.topics.isEmpty else { throw .noTopics(stream: stream.name) }
            for name in [stream.name] + stream.aliases + stream.topics where !PublicStream.isValid(name: name) {
                throw .invalidName(name, stream: stream.name)
            }
            guard PublicStream.partitionsRange.contains(stream.partitions) else {
                let range = PublicStream.partitionsRange
                throw .invalidValue(
                    key: "partitions", stream: stream.name, expected: "from \(range.lowerBound) to \(range.upperBound)")
            }
            places[stream.name] = place
            for topic in Set(stream.topics) {
                topics[topic] = max(topics[topic] ?? 0, stream.partitions)
                streamsByTopic[topic, default: []].append(stream.name)
            }
        }
        for (place, stream) in streams.enumerated() {
            for alias in stream.aliases {
                if let other = places[alias], other != place {
                    throw .nameTaken(alias, by: streams[other].name, and: stream.name)
                }
                places[alias] = place
            }
        }
        self.streams = streams
        alone = streams.map { Selection(of: [$0]) }
        self.topics = topics
        self.places = places
        self.streamsByTopic = streamsByTopic
    }

    /// Every name a client may use: canonical ones and aliases, sorted.
    package var names: [String] { places.keys.sorted() }

    /// A stream by its name or an alias.
    package subscript(_ name: String) -> PublicStream? { places[name].map { streams[$0] } }

    /// The streams that a topic belongs to: canonical names, sorted.
    package func streams(ofTopic topic: String) -> [String] { streamsByTopic[topic] ?? [] }

    /// What a request's names stand for.
    package struct Selection: Hashable, Sendable {
        /// Canonical names in the request's order, each once: an alias and its stream are one.
        package var streams: [String]
        /// Of all of them, sorted as ids are, each once.
        package var topics: [String]

        fileprivate init(of chosen: [PublicStream]) {
            streams = chosen.map(\.name)
            topics = Set(chosen.flatMap(\.topics)).map { TopicPartition($0, 0) }.sorted().map(\.topic)
        }
    }

    /// - Throws: all unknown names, with those nearest to them.
    package func resolve(_ names: [String]) throws(UnknownStreams) -> Selection {
        var unknown: [String] = []
        var chosen: [Int] = []
        for name in names {
            if let place = places[name] {
                if !chosen.contains(place) { chosen.append(place) }
            } else {
                unknown.append(name)
            }
        }
        guard unknown.isEmpty else {
            var nearest: [String] = []
            // Few are looked for: the work is the product of names and lengths, and a client chooses the names.
            for name in unknown.prefix(3) {
                for near in Nearest.names(to: name, among: places.keys) where !nearest.contains(near) {
                    nearest.append(near)
                }
            }
            throw UnknownStreams(unknown, nearest: nearest)
        }
        return chosen.count == 1 ? alone[chosen[0]] : Selection(of: chosen.map { streams[$0] })
    }
}
