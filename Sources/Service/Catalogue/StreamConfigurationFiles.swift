internal import JSON
internal import YAML

/// Reads a stream configuration from its files: one, or several of a directory, which are one configuration.
package enum StreamConfigurationFiles {
    package struct File: Sendable {
        /// For messages.
        package var name: String
        /// YAML or JSON.
        package var bytes: [UInt8]

        package init(name: String, bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }
    }

    /// - Parameter path: leads to the mapping of names in each; see `StreamDocument`.
    /// - Throws: all that is wrong, with files and lines where they are known.
    package static func configuration(
        _ files: [File], path: String? = nil
    ) throws(CatalogueError) -> StreamConfiguration {
        var mistakes: [String] = []
        var streams: [JSONValue.Member] = []
        var defaults: JSONValue?
        var places: [String: String] = [:]
        for file in files {
            let document: JSONValue
            let node: YAMLNode?
            do throws(YAMLError) {
                (document, node) = try read(file.bytes)
            } catch {
                mistakes.append("\(file.name):\(error)")
                continue
            }
            let (mapping, settings) = try parts(of: document, path, file)
            let before = mistakes.count
            if let node { mistakes += check(node, path, file) }
            if let settings, settings != .null {
                if defaults != nil {
                    mistakes.append("\(file.name): another file has \(StreamDocument.defaultsName), too; keep one")
                }
                defaults = settings
            }
            guard case .object(let members) = mapping else {
                if mistakes.count == before, mapping != .null {
                    mistakes.append(
                        "\(file.name): the streams must be a mapping of names to settings, such as \"streams: {test: {}}\""
                    )
                }
                continue
            }
            for member in members {
                if let other = places[member.name] {
                    mistakes.append("\(file.name): the stream \(member.name) stands in \(other), too; keep one")
                }
                places[member.name] = file.name
            }
            streams += members
        }
        guard mistakes.isEmpty else { throw .mistakes(mistakes) }
        var document: [JSONValue.Member] = [.init("streams", .object(streams))]
        if let defaults { document.append(.init(StreamDocument.defaultsName, defaults)) }
        return try StreamDocument.configuration(in: .object(document))
    }

    /// A value, and the same with its places where they can be told: libyaml reads nearly all of JSON, but neither surrogate
    /// pairs nor long names.
    private static func read(_ bytes: [UInt8]) throws(YAMLError) -> (JSONValue, YAMLNode?) {
        if let json = try? JSONValue(bytes) { return (json, try? YAML.parse(bytes)) }
        let node = try YAML.parse(bytes)
        return (JSONValue(node), node)
    }

    private static func parts(
        of document: JSONValue, _ path: String?, _ file: File
    ) throws(CatalogueError) -> (streams: JSONValue, defaults: JSONValue?) {
        do throws(CatalogueError) {
            return try StreamDocument.parts(of: document, path: path)
        } catch {
            throw .mistakes(["\(file.name): \(error)"])
        }
    }

    private static func check(_ document: YAMLNode, _ path: String?, _ file: File) -> [String] {
        var node: YAMLNode? = document
        let isWhole = path == nil && document["streams"] == nil
        for name in path.map({ $0.split(separator: ".").map(String.init) }) ?? (isWhole ? [] : ["streams"]) {
            node = node?[name]
        }
        guard let node else { return [] }
        return StreamConfigurationCheck(
            node, defaults: isWhole ? nil : document[StreamDocument.defaultsName], file: file.name
        ).mistakes
    }
}
