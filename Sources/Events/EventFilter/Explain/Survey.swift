internal import Bytes
internal import Events
internal import JSON

/// The fields that some events have, and their kinds.
struct Survey {
    struct Kinds: OptionSet {
        let rawValue: UInt8
        static let null = Kinds(rawValue: 1)
        static let boolean = Kinds(rawValue: 2)
        static let number = Kinds(rawValue: 4)
        static let string = Kinds(rawValue: 8)
        static let list = Kinds(rawValue: 16)
        static let object = Kinds(rawValue: 32)

        /// `a string or null`
        var words: String {
            let all: [(Kinds, String)] = [
                (.boolean, "a boolean"), (.number, "a number"), (.string, "a string"), (.list, "a list"),
                (.object, "an object"), (.null, "null"),
            ]
            return all.filter { contains($0.0) }.map(\.1).joined(separator: " or ")
        }
    }

    private(set) var count = 0
    private(set) var kinds: [[Text]: Kinds] = [:]

    /// Fields further down are not looked at, and of many different ones only so many.
    private static let deepest = 8
    private static let most = 10_000

    init(_ events: [Event]) {
        for event in events {
            count += 1
            add(event.document, event.document.root, [])
        }
    }

    private mutating func add(_ document: JSONDocument, _ word: Int, _ path: [Text]) {
        guard path.count < Self.deepest else { return }
        for (name, value) in document.members(of: word) {
            guard kinds.count < Self.most, let name = document.string(name) else { continue }
            let path = path + [Text(name)]
            let kind: Kinds =
                switch document.kind(of: value) {
                case .null: .null
                case .true, .false: .boolean
                case .number: .number
                case .string: .string
                case .array: .list
                case .object: .object
                }
            kinds[path, default: []].insert(kind)
            if kind == .object { add(document, value, path) }
        }
    }

    /// The name that some event has and that is nearest to this one.
    func nearest(to path: Path) -> String? {
        Nearest.names(to: path.description, among: kinds.keys.map { Path(names: $0).description }.sorted(), count: 1)
            .first
    }
}
