internal import Events
internal import JSON

/// What is left to be tested of filters behind their keys: keys that the event must not have, and predicates. Filters for which
/// the same is left share it, and it is tested once for an event.
struct ConditionTable: ~Copyable {
    typealias Condition = Int32

    /// What is to be tested.
    struct Content: Hashable {
        /// Sorted.
        var absent: [KeyTable.Key]
        var rest: [Predicate]
    }

    struct Entry {
        /// Of which event `holds` is.
        var epoch: UInt32 = 0
        var holds = false
        var uses: Int32 = 0
        /// The first key that must be absent, or -1; the others are those of `contents`.
        var absent: KeyTable.Key = -1
        var hasMore = false
        /// What is to be looked for before it is known which keys an event has (`KeyTable.bits`).
        var parts: UInt64 = 0
    }

    private var entries = Row<Entry>()
    private var contents: ContiguousArray<Content> = []
    private var programs: ContiguousArray<Program?> = []
    /// The fields that a program names.
    private var fields: ContiguousArray<[FieldTable.Field]> = []
    private var numbers: [Content: Condition] = [:]
    private var free: [Condition] = []
    private var evaluation = Evaluation()

    init() {}

    var count: Int { numbers.count }

    /// Takes a condition that exists, or makes it.
    ///
    /// - Parameter absent: keys that were added to the table of keys for it. They go with the condition; where it exists
    ///   they are taken out again.
    mutating func add(
        absent: [AccessKey], rest: [Predicate], keys: inout KeyTable, fields table: inout FieldTable
    ) -> Condition {
        var numbered: [KeyTable.Key] = []
        for key in Set(absent) { numbered.append(keys.add(key, fields: &table)) }
        let content = Content(absent: numbered.sorted(), rest: rest)
        if let found = numbers[content] {
            entries[Int(found)].uses += 1
            for key in content.absent { keys.remove(key, fields: &table) }
            return found
        }
        let new = free.popLast() ?? Condition(entries.count)
        if Int(new) == entries.count {
            entries.append(Entry())
            contents.append(content)
            programs.append(nil)
            fields.append([])
        }
        entries[Int(new)] = Entry(
            uses: 1, absent: content.absent.first ?? -1, hasMore: content.absent.count > 1 || !rest.isEmpty,
            parts: content.absent.reduce(0) { $0 | keys.bits($1) })
        contents[Int(new)] = content
        if !rest.isEmpty {
            let predicate: Predicate = rest.count == 1 ? rest[0] : .all(rest)
            let (program, named) = Compiler.compile(predicate, fields: &table)
            programs[Int(new)] = program
            fields[Int(new)] = named
        }
        numbers[content] = new
        return new
    }

    mutating func remove(_ condition: Condition, keys: inout KeyTable, fields table: inout FieldTable) {
        let place = Int(condition)
        entries[place].uses -= 1
        guard entries[place].uses == 0 else { return }
        for key in contents[place].absent { keys.remove(key, fields: &table) }
        for field in fields[place] { table.remove(field) }
        numbers[contents[place]] = nil
        contents[place] = Content(absent: [], rest: [])
        programs[place] = nil
        fields[place] = []
        free.append(condition)
    }

    /// Numbers of events begin anew.
    mutating func restart() { for place in entries.indices { entries[place].epoch = 0 } }

    /// Whether a condition holds for the event that `fields` has read and whose keys were found.
    @inline(__always)
    mutating func holds(
        _ condition: Condition, _ keys: inout KeyTable, _ fields: inout FieldTable,
        _ document: borrowing JSONDocument
    ) -> Bool {
        let entry = entries[Int(condition)]
        let epoch = fields.epoch
        if entry.parts != 0 { keys.look(for: entry.parts, in: document, &fields) }
        if entry.absent >= 0, keys.has(entry.absent, epoch) { return false }
        guard entry.hasMore else { return true }
        if entry.epoch == epoch { return entry.holds }
        let holds = test(Int(condition), &keys, &fields, document)
        entries[Int(condition)].epoch = epoch
        entries[Int(condition)].holds = holds
        return holds
    }

    private mutating func test(
        _ place: Int, _ keys: inout KeyTable, _ fields: inout FieldTable, _ document: borrowing JSONDocument
    ) -> Bool {
        for number in 0..<contents[place].absent.count where keys.has(contents[place].absent[number], fields.epoch) {
            return false
        }
        guard let program = programs[place] else { return true }
        for number in self.fields[place].indices { _ = fields.value(self.fields[place][number], document) }
        return evaluation.run(program, &fields, document)
    }
}
