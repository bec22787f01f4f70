internal import System

/// What a record of the simulation tells in its event, apart from where it stands. Records that are shorter tell less.
struct Facts {
    /// The first wiki is the most frequent, the last comes once in a while.
    var wiki: Int?
    var number: Int?
    var isBot: Bool?

    static let wikis = 6

    /// The letter of the kind, then a digit for the wiki, one for the number, and a letter for the bot.
    init(_ value: [UInt8]) {
        func digit(_ index: Int) -> Int? {
            value.indices.contains(index) && (0x30...0x39).contains(value[index]) ? Int(value[index]) - 0x30 : nil
        }
        wiki = digit(1)
        number = digit(2)
        guard value.indices.contains(3) else { return }
        isBot = value[3] == UInt8(ascii: "b") ? true : value[3] == UInt8(ascii: "u") ? false : nil
    }

    /// The beginning of a record's value.
    static func value(kind: String, _ random: inout SeededGenerator) -> [UInt8] {
        let wiki = min(Int.random(in: 0..<wikis, using: &random), Int.random(in: 0..<wikis, using: &random))
        let bot = ["b", "u", "-"].randomElement(using: &random) ?? "-"
        return Array("\(kind)\(wiki)\(Int.random(in: 0...9, using: &random))\(bot)".utf8)
    }
}

/// A filter, and what it means. It is judged by what a record tells, not by the event's text, and knows nothing of how the server
/// reads filters.
indirect enum Condition {
    case wiki(Int)
    case oneOf([Int])
    case below(Int)
    case isBot
    case tellsOfBots
    case not(Condition)
    case and(Condition, Condition)
    case or(Condition, Condition)

    init(_ random: inout SeededGenerator, depth: Int = 2) {
        let wiki = Int.random(in: 0..<Facts.wikis, using: &random)
        switch Int.random(in: 0..<(depth > 0 ? 9 : 5), using: &random) {
        case 0, 1: self = .wiki(wiki)
        case 2: self = .oneOf([wiki, Int.random(in: 0..<Facts.wikis, using: &random)])
        case 3: self = .below(Int.random(in: 0...9, using: &random))
        case 4: self = Bool.random(using: &random) ? .isBot : .tellsOfBots
        case 5: self = .not(Condition(&random, depth: depth - 1))
        case 6, 7: self = .and(Condition(&random, depth: depth - 1), Condition(&random, depth: depth - 1))
        default: self = .or(Condition(&random, depth: depth - 1), Condition(&random, depth: depth - 1))
        }
    }

    /// In the language of filters.
    var text: String {
        switch self {
        case .wiki(let wiki): #"wiki == "w\#(wiki)""#
        case .oneOf(let wikis): "wiki in [\(wikis.map { #""w\#($0)""# }.joined(separator: ", "))]"
        case .below(let number): "number < \(number)"
        case .isBot: "bot"
        case .tellsOfBots: "has(bot)"
        case .not(let condition): "!(\(condition.text))"
        case .and(let one, let other): "(\(one.text)) && (\(other.text))"
        case .or(let one, let other): "(\(one.text)) || (\(other.text))"
        }
    }

    /// A field that is missing equals nothing, orders before nothing, and alone is false (contract, section 5).
    func holds(_ facts: Facts) -> Bool {
        switch self {
        case .wiki(let wiki): facts.wiki == wiki
        case .oneOf(let wikis): facts.wiki.map(wikis.contains) ?? false
        case .below(let number): facts.number.map { $0 < number } ?? false
        case .isBot: facts.isBot ?? false
        case .tellsOfBots: facts.isBot != nil
        case .not(let condition): !condition.holds(facts)
        case .and(let one, let other): one.holds(facts) && other.holds(facts)
        case .or(let one, let other): one.holds(facts) || other.holds(facts)
        }
    }
}

/// Which members of events a client asks for.
enum Members {
    case all
    case only([String])
    case without([String])

    /// In the language of `fields`; nil: all of them.
    var text: String? {
        switch self {
        case .all: nil
        case .only(let names): names.joined(separator: ",")
        case .without(let names): names.map { "-\($0)" }.joined(separator: ",")
        }
    }

    /// `meta` of these events has nothing but what is always kept.
    func has(_ name: String) -> Bool {
        switch self {
        case .all: true
        case .only(let names): name == "meta" || names.contains(name)
        case .without(let names): name == "meta" || !names.contains(name)
        }
    }
}
