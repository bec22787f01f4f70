internal import Configuration
internal import JSON
internal import YAML

extension FuzzTarget {
    /// Any text is read or refused with a place in it, and what is JSON means the same as YAML but for numbers' forms.
    static let yaml = FuzzTarget("yaml") { input throws(FuzzFinding) in
        do throws(YAMLError) {
            let node = try YAML.parse(input)
            try? requireWithin(node, lines: input.count { $0 == 0x0A || $0 == 0x0D || $0 == 0xC2 || $0 == 0xE2 } + 1)
        } catch {
            guard error.line >= 1, error.column >= 1 else { throw FuzzFinding("an error has its place: \(error)") }
        }
        _ = ServerSettings.load(file: .init(name: "x", bytes: input), environment: [:], flags: [])
    }

    private static func requireWithin(_ node: YAMLNode, lines: Int) throws(FuzzFinding) {
        try require(node.line >= 1 && node.line <= lines + 1 && node.column >= 1, "a value stands in the text")
        for member in node.members ?? [] { try requireWithin(member.value, lines: lines) }
        for element in node.elements ?? [] { try requireWithin(element, lines: lines) }
    }
}
