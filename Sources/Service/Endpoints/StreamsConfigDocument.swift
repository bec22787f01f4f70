package import Catalogue
package import HTTP
internal import JSON

/// Answers about the configuration of streams.
package enum StreamsConfigDocument {
    /// How long caches may use it: seconds. The tag tells whether it has changed.
    private static let age = 60

    /// It works beside the loops.
    @concurrent package static func rendered(
        _ question: StreamsConfigQuestion, _ configuration: StreamConfiguration
    ) async -> Document {
        var members: [JSONValue.Member] = []
        var seen: Set<String> = []
        for name in question.streams ?? configuration.entries.map(\.name) where seen.insert(name).inserted {
            guard let settings = configuration.settings(of: name),
                question.constraints.allSatisfy({ $0.holds(for: settings, name: name) })
            else { continue }
            members.append(.init(name, settings))
        }
        let body = JSONValue.object([.init("streams", .object(members))]).bytes
        return Document(
            type: "application/json; charset=utf-8", body: body,
            headers: [.init("Cache-Control", "public, max-age=\(age)")])
    }

    /// As MediaWiki's API refuses: the status is 200, and a header says that it is an error.
    package static func refused(_ refusal: StreamsConfigQuestion.Refusal) -> Answer {
        let body = JSONValue.object([
            .init("error", ["code": .string(refusal.code), "info": .string(refusal.info)])
        ]).bytes
        var answer = Answer(status: 200, type: "application/json; charset=utf-8", body: body)
        answer.headers.add("MediaWiki-API-Error", refusal.code)
        answer.headers.add("Cache-Control", "no-store")
        return answer
    }
}
