/// The program that a `User-Agent` names, without its version: what clients are counted by. Of letters, digits, `.`, `_` and `-`,
/// in lower case, `most` at most.
package struct AgentName: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// Characters.
    package static let most = 40
    /// Says nothing of itself.
    package static let none = AgentName("none")
    /// A person's browser.
    package static let browser = AgentName("browser")
    /// What says nothing usable, or for what there was no place any more.
    package static let other = AgentName("other")

    private init(_ text: String) { description = text }

    /// - Parameter header: the field's value; whatever a client wrote.
    package init(userAgent header: some StringProtocol) {
        let text = header.utf8.prefix(1000)
        guard text.contains(where: { $0 > 0x20 }) else {
            self = .none
            return
        }
        let first = Self.name(text.drop { $0 == 0x20 })
        // Whoever wants to be taken for a browser begins as browsers do. Robots say behind it who they are.
        guard first == "mozilla" else {
            self = first.isEmpty ? .other : AgentName(first)
            return
        }
        let mark = Array("compatible;".utf8)
        guard let place = text.indices.first(where: { text[$0...].starts(with: mark) }) else {
            self = .browser
            return
        }
        let robot = Self.name(text[place...].dropFirst(mark.count).drop { $0 == 0x20 })
        self = robot.isEmpty ? .browser : AgentName(robot)
    }

    private static func name(_ text: some Sequence<UInt8>) -> String {
        let name = text.prefix { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
            default: false
            }
        }
        return String(decoding: name.prefix(most), as: UTF8.self).lowercased()
    }
}
