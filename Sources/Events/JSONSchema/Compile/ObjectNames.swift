/// The names that one schema of an object knows, each once.
struct ObjectNames {
    struct Entry {
        var name: String
        var node: SchemaProgram.NodeID = -1
        var fallback: Int32 = -1
        /// Whether it matters that it is there.
        var isWatched = false
    }

    private(set) var entries: [Entry] = []
    /// Names compared by their bytes: Swift's strings are equal where they look alike.
    private var numbers: [[UInt8]: Int] = [:]

    mutating func declare(_ name: String, node: SchemaProgram.NodeID, fallback: Int32) {
        let number = number(of: name, isWatched: false)
        entries[number].node = node
        entries[number].fallback = fallback
    }

    mutating func number(of name: String, isWatched: Bool) -> Int {
        let key = Array(name.utf8)
        let number = numbers[key] ?? entries.count
        if number == entries.count {
            numbers[key] = number
            entries.append(Entry(name: name))
        }
        if isWatched { entries[number].isWatched = true }
        return number
    }
}
