internal import Bytes
internal import HTTP
package import JSON

/// Tiers as they are configured.
///
/// ```yaml
/// http:
///   tiers:
///     - name: tools                # by a secret: X-Api-Key, or Authorization: Bearer
///       keys: {patrolbot: 4TqW…, dashboard: 9bRk…}
///       streams: 500               # of each key, wherever it is used
///     - name: office
///       addresses: [192.0.2.0/24]
///       streams: none              # no limit of its own
///     - name: contact              # names a mail address or a page in its User-Agent
///       user_agent: contact
///       streams: 400
///     - name: nameless             # sends no User-Agent
///       user_agent: none
///       refuse: Send a User-Agent that says who you are and how to reach you.
/// ```
package enum TierDocument {
    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// Where in the document.
        package var place: String
        package var expected: String

        package var description: String { "\(Excerpt.of(place)) must be \(expected)" }
    }

    private static let mostTiers = 100
    private static let mostKeys = 10_000
    private static let shortestKey = 12
    private static let members: Set = ["name", "keys", "addresses", "user_agent", "streams", "refuse"]

    /// - Parameter value: of `http.tiers`; nil or null: there are none.
    package static func tiers(_ value: JSONValue?) throws(Failure) -> ClientTiers {
        guard let value, value != .null else { return ClientTiers() }
        guard case .array(let list) = value, list.count <= mostTiers else {
            throw Failure(place: "http.tiers", expected: "a list of at most \(mostTiers) tiers")
        }
        var tiers: [ClientTier] = []
        for (number, value) in list.enumerated() {
            let tier = try tier(value, "http.tiers[\(number)]")
            if tiers.contains(where: { $0.name == tier.name }) {
                throw Failure(
                    place: "http.tiers[\(number)].name",
                    expected: "another than those before: \(Excerpt.of(tier.name)) is taken")
            }
            tiers.append(tier)
        }
        return ClientTiers(tiers)
    }

    private static func tier(_ value: JSONValue, _ place: String) throws(Failure) -> ClientTier {
        guard case .object(let members) = value else {
            throw Failure(
                place: place,
                expected: "a mapping with name, one of keys, addresses and user_agent, and streams or refuse")
        }
        for member in members where !self.members.contains(member.name) {
            throw Failure(
                place: "\(place).\(member.name)", expected: "one of \(self.members.sorted().joined(separator: ", "))")
        }
        guard case .string(let name)? = value["name"], !name.isEmpty, name.utf8.count <= 40,
            name.utf8.allSatisfy(isNameByte)
        else {
            throw Failure(place: "\(place).name", expected: "a name of at most 40 letters, digits, \"-\" and \"_\"")
        }
        return ClientTier(name: name, members: try who(value, place), share: try share(value, place))
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.decimalDigit != nil || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    private static func who(_ value: JSONValue, _ place: String) throws(Failure) -> ClientTier.Members {
        let given = ["keys", "addresses", "user_agent"].filter { value[$0] != nil }
        guard given.count <= 1 else {
            throw Failure(place: place, expected: "by one thing, not by \(given.joined(separator: " and "))")
        }
        if let keys = value["keys"] { return .keys(try self.keys(keys, "\(place).keys")) }
        if let addresses = value["addresses"] {
            guard case .array(let list) = addresses, !list.isEmpty else {
                throw Failure(place: "\(place).addresses", expected: "a list of networks such as 192.0.2.0/24")
            }
            var networks: [IPNetwork] = []
            for (number, address) in list.enumerated() {
                guard case .string(let text) = address, let network = IPNetwork(text) else {
                    throw Failure(
                        place: "\(place).addresses[\(number)]",
                        expected: "a network such as 192.0.2.0/24 or 2001:db8::/32")
                }
                networks.append(network)
            }
            return .networks(networks)
        }
        if let agent = value["user_agent"] {
            guard case .string(let text) = agent, let kind = ClientTier.UserAgent(rawValue: text) else {
                throw Failure(place: "\(place).user_agent", expected: "contact or none")
            }
            return .userAgent(kind)
        }
        return .all
    }

    /// No message shows a key.
    private static func keys(_ value: JSONValue, _ place: String) throws(Failure) -> [String: String] {
        guard case .object(let members) = value, (1...mostKeys).contains(members.count) else {
            throw Failure(place: place, expected: "a mapping of names to keys")
        }
        var keys: [String: String] = [:]
        var seen: Set<String> = []
        for member in members {
            guard case .string(let key) = member.value, key.utf8.count >= shortestKey,
                key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
            else {
                throw Failure(
                    place: "\(place).\(member.name)",
                    expected: "a text of at least \(shortestKey) visible ASCII characters")
            }
            guard seen.insert(key).inserted else {
                throw Failure(place: "\(place).\(member.name)", expected: "a key of its own")
            }
            keys[member.name] = key
        }
        return keys
    }

    private static func share(_ value: JSONValue, _ place: String) throws(Failure) -> ClientTier.Share {
        switch (value["streams"], value["refuse"]) {
        case (let streams?, nil):
            switch streams {
            case .string("none"): return .streams(nil)
            case .number(let text):
                if let limit = Int(text), (1...1_000_000).contains(limit) { return .streams(limit) }
            default: break
            }
            throw Failure(place: "\(place).streams", expected: "a number from 1 to 1000000, or none")
        case (nil, let refuse?):
            guard case .string(let sentence) = refuse, !sentence.isEmpty, sentence.utf8.count <= 500 else {
                throw Failure(place: "\(place).refuse", expected: "the sentence that tells such a client what to do")
            }
            return .refused(sentence)
        default: throw Failure(place: place, expected: "either with streams or with refuse")
        }
    }
}
