internal import Admission
internal import Catalogue
internal import Configuration
internal import HTTPClient
internal import JSON
internal import Live
internal import Redaction
internal import YAML

/// Where the streams and the rules come from: a file, a URI, the settings themselves, or the demo's own.
struct StreamSource: Sendable {
    let settings: ServerSettings

    /// Reads everything anew.
    ///
    /// - Throws: sentences that say what to change.
    func policy() async throws -> Policy {
        Policy(catalogue: try await catalogue(), redactor: try redactor(), tiers: try settings.tiers())
    }

    private func catalogue() async throws -> StreamCatalogue {
        let document = try await document()
        let path = settings.streams.configurationPath
        let allowed = settings.streams.allowed
        do throws(CatalogueError) {
            let streams = try StreamDocument.streams(in: document, path: path.isEmpty ? nil : path).map {
                $0.takingEvents(inTopicsWithPrefix: settings.intake.topicPrefix)
            }
            return try StreamCatalogue(streams, allowed: allowed.isEmpty ? nil : allowed)
        } catch {
            let place = settings.streams.configuration
            throw Environment.Failure(place.isEmpty ? "\(error)" : "\(place): \(error)")
        }
    }

    private func document() async throws -> JSONValue {
        if let inline = settings.streams.inline { return JSONValue(inline) }
        let place = settings.streams.configuration
        if place.isEmpty { return Self.demo }
        let bytes = try await bytes(place)
        // libyaml reads nearly all of JSON, but neither surrogate pairs nor long names.
        if let json = try? JSONValue(bytes) { return json }
        do throws(YAMLError) {
            return JSONValue(try YAML.parse(bytes))
        } catch {
            throw Environment.Failure("\(place):\(error)")
        }
    }

    private func redactor() throws -> Redactor {
        try RedactionDocument.redactor(
            redaction: settings.redaction.map { JSONValue($0) }, pages: settings.redactedPages.map { JSONValue($0) })
    }

    /// The demo's streams: three of the shapes of Wikimedia's, on made-up wikis.
    private static let demo: JSONValue = [
        "streams": [
            "mediawiki.recentchange": stream(
                "recentchange", "mediawiki/recentchange", "Every change of every wiki.", 3),
            "mediawiki.revision-create": stream(
                "revision-create", "mediawiki/revision/create", "A revision was saved.", 1),
            "mediawiki.page-create": stream("page-create", "mediawiki/revision/create", "A page was made.", 1),
        ]
    ]

    private static func stream(_ alias: String, _ schema: String, _ text: String, _ partitions: Int64) -> JSONValue {
        [
            "topics": [.string("demo.mediawiki.\(alias)")], "stream_aliases": [.string(alias)],
            "schema_title": .string(schema),
            "description": .string(text), "partitions": .integer(partitions),
        ]
    }
}

extension StreamSource {
    /// The bytes of a file or of what a URI names.
    private func bytes(_ place: String) async throws(Environment.Failure) -> [UInt8] {
        guard place.hasPrefix("http://") || place.hasPrefix("https://") else { return try Environment.read(place) }
        do {
            let response = try await HTTPClient().send(HTTPClientRequest("GET", place))
            guard response.head.status == 200 else {
                throw Environment.Failure("\(place) was answered with \(response.head.status)")
            }
            return response.body
        } catch {
            throw Environment.Failure("the stream configuration can't be had: \(error)")
        }
    }
}
