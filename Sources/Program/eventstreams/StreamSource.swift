internal import Admission
internal import Catalogue
internal import Configuration
internal import HTTPClient
internal import JSON
internal import Live
internal import Redaction
internal import System
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
        let place = settings.streams.configuration
        let allowed = settings.streams.allowed
        do {
            let configuration = try await configuration()
            let streams = try StreamDocument.streams(of: configuration).map {
                $0.takingEvents(inTopicsWithPrefix: settings.intake.topicPrefix)
            }
            return try StreamCatalogue(
                streams, allowed: allowed.isEmpty ? nil : allowed, configuration: configuration)
        } catch let error as CatalogueError {
            // Mistakes of a file name it themselves.
            if case .mistakes = error { throw Environment.Failure("\(error)") }
            throw Environment.Failure(place.isEmpty ? "\(error)" : "\(place): \(error)")
        }
    }

    /// All settings of all streams.
    func configuration() async throws -> StreamConfiguration {
        let path = settings.streams.configurationPath.isEmpty ? nil : settings.streams.configurationPath
        if let inline = settings.streams.inline {
            return try StreamDocument.configuration(in: JSONValue(inline), path: path)
        }
        let place = settings.streams.configuration
        if place.isEmpty { return try StreamDocument.configuration(in: Self.demo, path: path) }
        return try StreamConfigurationFiles.configuration(try await Self.files(place), path: path)
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
    /// The files of a configuration: of a directory those that end with `.yaml`, `.yml` or `.json`, by name; else one file, or
    /// what a URI names.
    static func files(_ place: String) async throws(Environment.Failure) -> [StreamConfigurationFiles.File] {
        if place.hasPrefix("http://") || place.hasPrefix("https://") {
            return [.init(name: place, bytes: try await fetch(place))]
        }
        guard let names = try? Directory.names(in: place) else {
            return [.init(name: place, bytes: try Environment.read(place))]
        }
        var files: [StreamConfigurationFiles.File] = []
        for name in names.sorted() where [".yaml", ".yml", ".json"].contains(where: { name.hasSuffix($0) }) {
            files.append(.init(name: "\(place)/\(name)", bytes: try Environment.read("\(place)/\(name)")))
        }
        guard !files.isEmpty else {
            throw Environment.Failure("\(place) has no file that ends with .yaml, .yml or .json")
        }
        return files
    }

    private static func fetch(_ place: String) async throws(Environment.Failure) -> [UInt8] {
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
