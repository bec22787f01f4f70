internal import EventLog

/// What a topic may be called: Kafka's rule, so that any topic may move to Kafka.
enum TopicName {
    static func validate(_ name: String) throws(LogError) {
        let isAllowed = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isAllowed, (1...249).contains(name.utf8.count), name != ".", name != ".." else {
            throw .invalid(
                "a topic can't be named '\(name.prefix(300))': use 1 to 249 of the characters a-z, A-Z, 0-9, '.', '_' and "
                    + "'-', and neither '.' nor '..'")
        }
    }
}
