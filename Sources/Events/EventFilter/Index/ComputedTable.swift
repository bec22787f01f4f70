internal import JSON

/// The numbers that filters compare: values of fields, or results computed from fields. A program runs once for an
/// event.
struct ComputedTable: ~Copyable {
    typealias Source = Int32

    struct Entry {
        var uses: Int32 = 0
        /// Of which event `number` is.
        var epoch: UInt32 = 0
        /// The field where it is one's number, or the first of two whose difference it is; else -1.
        var field: FieldTable.Field = -1
        /// The field that is subtracted; else -1.
        var subtracted: FieldTable.Field = -1
        var number: Number?
    }

    private var entries = Row<Entry>()
    private var operands: ContiguousArray<Operand?> = []
    private var programs: ContiguousArray<Program?> = []
    private var fields: ContiguousArray<[FieldTable.Field]> = []
    private var numbers: [Operand: Source] = [:]
    private var free: [Source] = []
    private var evaluation = Evaluation()

    init() {}

    var count: Int { numbers.count }

    mutating func add(_ operand: Operand, fields table: inout FieldTable) -> Source {
        if let found = numbers[operand] {
            entries[Int(found)].uses += 1
            return found
        }
        let new = free.popLast() ?? Source(entries.count)
        if Int(new) == entries.count {
            entries.append(Entry())
            operands.append(nil)
            programs.append(nil)
            fields.append([])
        }
        entries[Int(new)] = Entry(uses: 1)
        operands[Int(new)] = operand
        if case .field(let path) = operand {
            let field = table.add(path.names)
            entries[Int(new)].field = field
            fields[Int(new)] = [field]
        } else {
            let (program, named) = Compiler.compile(operand, fields: &table)
            programs[Int(new)] = program
            fields[Int(new)] = named
            if case .difference(.field(let a), .field(let b)) = operand {
                entries[Int(new)].field = table.add(a.names)
                entries[Int(new)].subtracted = table.add(b.names)
                fields[Int(new)] += [entries[Int(new)].field, entries[Int(new)].subtracted]
            }
        }
        numbers[operand] = new
        return new
    }

    mutating func remove(_ source: Source, fields table: inout FieldTable) {
        let place = Int(source)
        entries[place].uses -= 1
        guard entries[place].uses == 0 else { return }
        for field in fields[place] { table.remove(field) }
        if let operand = operands[place] { numbers[operand] = nil }
        operands[place] = nil
        programs[place] = nil
        fields[place] = []
        free.append(source)
    }

    /// Numbers of events begin anew.
    mutating func restart() { for place in entries.indices { entries[place].epoch = 0 } }

    /// The value of a number in an event, where no program has to run for it.
    enum Glance {
        /// The event has no such number.
        case missing
        case integer(Int64)
        /// `number` finds the value.
        case other
    }

    /// The number in the event that `fields` has read, where it is an Int64 of a field or the difference of two such: so are
    /// nearly all.
    @inline(__always)
    mutating func glance(
        _ source: Source, _ fields: inout FieldTable, _ document: borrowing JSONDocument
    ) -> Glance {
        let field = entries[Int(source)].field
        guard field >= 0 else { return .other }
        let value = fields.value(field, document)
        guard value.kind == .integer else { return value.kind == .decimal ? .other : .missing }
        let subtracted = entries[Int(source)].subtracted
        guard subtracted >= 0 else { return .integer(value.integer) }
        let other = fields.value(subtracted, document)
        guard other.kind == .integer else { return other.kind == .decimal ? .other : .missing }
        let (difference, isTooLarge) = value.integer.subtractingReportingOverflow(other.integer)
        return isTooLarge ? .other : .integer(difference)
    }

    /// The number in the event that `fields` has read; nil where it has none.
    @inline(never)
    mutating func number(
        _ source: Source, _ fields: inout FieldTable, _ document: borrowing JSONDocument
    ) -> Number? {
        let place = Int(source)
        let entry = entries[place]
        if entry.field >= 0, entry.subtracted < 0 { return fields.value(entry.field, document).number(document) }
        if entry.epoch == fields.epoch { return entry.number }
        for number in self.fields[place].indices { _ = fields.value(self.fields[place][number], document) }
        let number = programs[place].flatMap { evaluation.number($0, fields, document) }
        entries[place].epoch = fields.epoch
        entries[place].number = number
        return number
    }
}
