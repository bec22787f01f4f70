package import Catalogue
package import EventLog
internal import JSON
package import Status
internal import Time

/// The document at `/v2/stream`: every stream with what there is to know before choosing one.
package enum StreamListing {
    /// What changes from moment to moment, as the caller knows it.
    package struct Activity: Hashable, Sendable {
        /// Of the newest event; nil where there is none.
        package var newest: Timestamp?
        /// Events a second, lately.
        package var rate: Double?
        /// Whether its last canary came through; nil: it has none.
        package var isHealthy: Bool?
        /// Of all the stream's topics, as the log has them; nil: as configured.
        package var partitions: Int?
        /// How it is doing; nil: that is not known yet.
        package var state: StreamState?
        /// That follow it.
        package var clients: Int

        package init(
            newest: Timestamp? = nil, rate: Double? = nil, partitions: Int? = nil, isHealthy: Bool? = nil,
            state: StreamState? = nil, clients: Int = 0
        ) {
            self.state = state
            self.clients = clients
            self.isHealthy = isHealthy
            self.newest = newest
            self.rate = rate
            self.partitions = partitions
        }
    }

    /// - Parameter activity: by canonical name.
    package static func rendered(_ catalogue: StreamCatalogue, activity: [String: Activity] = [:]) -> Document {
        let streams = catalogue.streams.map { entry($0, activity[$0.name] ?? Activity()) }
        let body = JSONValue.object([.init("streams", .array(streams))]).bytes + [UInt8(ascii: "\n")]
        return Document(type: "application/json; charset=utf-8", body: body)
    }

    private static func entry(_ stream: PublicStream, _ activity: Activity) -> JSONValue {
        let configured = Int(stream.partitions) * stream.topics.count
        var entry: JSONValue = [
            "name": .string(stream.name),
            "aliases": .array(stream.aliases.sorted().map { .string($0) }),
            "description": .string(stream.text),
            "schema_title": stream.schemaTitle.map { .string($0) } ?? .null,
            "topics": .array(stream.topics.map { .string($0) }),
            "partitions": .integer(activity.partitions ?? configured),
            "rate": activity.rate.flatMap { JSONValue(thousandths: $0) } ?? .null,
            "newest": activity.newest.map { .string(ISO8601.format($0)) } ?? .null,
        ]
        if let state = activity.state {
            entry = entry.setting("status", .string(state.name)).setting("clients", .integer(activity.clients))
        }
        if let isHealthy = activity.isHealthy { entry = entry.setting("healthy", .boolean(isHealthy)) }
        return entry
    }
}
