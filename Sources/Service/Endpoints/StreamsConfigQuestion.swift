internal import Bytes
package import Catalogue
internal import HTTP

/// What is asked of the configuration of streams: as of EventStreamConfig, whose answer this one is.
package struct StreamsConfigQuestion: Hashable, Sendable {
    /// Nil: all that are configured.
    package var streams: [String]?
    package var constraints: [StreamConstraint] = []

    /// Names in one request.
    package static let streamsLimit = 250
    /// Constraints in one request.
    package static let constraintsLimit = 50

    /// Why it can't be answered: a code and a sentence, as MediaWiki's API has them.
    package struct Refusal: Error, Hashable, Sendable {
        package var code: String
        package var info: String
    }

    /// - Parameters:
    ///   - query: the part behind `?`.
    ///   - isAction: whether `action=streamconfigs` must be in it, as at `/w/api.php`.
    package init(query text: String, isAction: Bool) throws(Refusal) {
        let parameters: Query
        do throws(Problem) {
            parameters = try Query(text)
        } catch {
            throw Refusal(code: "badquery", info: error.detail)
        }
        if isAction { try Self.checkAction(parameters) }
        if let names = try Self.values(parameters["streams"], of: "streams", limit: Self.streamsLimit) {
            streams = names
        }
        for text in try Self.values(parameters["constraints"], of: "constraints", limit: Self.constraintsLimit) ?? [] {
            guard let constraint = StreamConstraint(text) else {
                throw Refusal(
                    code: "badvalue",
                    info:
                        "Unrecognized value for parameter \"constraints\": \(Excerpt.of(text)). Write setting=value or setting[member]=value."
                )
            }
            constraints.append(constraint)
        }
    }

    private static func checkAction(_ parameters: Query) throws(Refusal) {
        guard let action = parameters["action"] else {
            throw Refusal(code: "missingparam", info: "The \"action\" parameter must be set: action=streamconfigs.")
        }
        guard action == "streamconfigs" else {
            throw Refusal(
                code: "badvalue",
                info: "Unrecognized value for parameter \"action\": \(Excerpt.of(action)). Here is streamconfigs alone."
            )
        }
        if let format = parameters["format"], format != "json" {
            throw Refusal(
                code: "badvalue",
                info: "Unrecognized value for parameter \"format\": \(Excerpt.of(format)). Here is json alone.")
        }
    }

    /// Texts between bars; with U+001F in front, between U+001F.
    private static func values(_ text: String?, of name: String, limit: Int) throws(Refusal) -> [String]? {
        guard let text, !text.isEmpty else { return nil }
        let separator: Character = text.hasPrefix("\u{1F}") ? "\u{1F}" : "|"
        let values = text.split(separator: separator).map(String.init)
        guard values.count <= limit else {
            throw Refusal(
                code: "toomanyvalues",
                info: "Too many values supplied for parameter \"\(name)\". The limit is \(limit); ask in parts.")
        }
        return values
    }
}
