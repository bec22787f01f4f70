internal import Bytes
package import JSON

/// One change from a schema to another, in words, and whether it breaks producers or consumers that know only the older one.
///
/// Within a major number nothing of the old schema may go or change, but for `$id`, `description` and `examples`; `enum` may grow,
/// and new fields may be added that nobody has to send. That is `jsonschema-tools`' rule with its holes closed: `required`,
/// bounds and `additionalProperties: false` may not appear where there were none either.
package struct SchemaDifference: Hashable, Sendable {
    /// The field, its steps between dots; empty: the event itself. `[]` is every element of a list, `{}` every value of a map.
    package var field: String
    /// In the newer schema, or in the older where it has no more of it.
    package var pointer: String
    /// A sentence without its first word's capital.
    package var words: String
    package var breaks: Bool

    /// All changes, in the order of the older schema, what is new last.
    ///
    /// - Parameters: both materialised.
    package static func all(from old: JSONValue, to new: JSONValue) -> [SchemaDifference] {
        var comparison = SchemaComparison()
        comparison.compare(old, new, field: "", at: JSONPointer())
        return comparison.found
    }
}

/// Walks over two schemas together.
private struct SchemaComparison {
    var found: [SchemaDifference] = []

    /// What may change as it likes.
    private static let free: Set<String> = ["$id", "description", "examples", "$comment"]
    /// What makes a schema narrower where it appears.
    private static let narrowing: Set<String> = [
        "type", "required", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
        "minLength", "maxLength", "pattern", "format", "minItems", "maxItems", "uniqueItems", "items",
        "additionalItems",
        "contains", "minProperties", "maxProperties", "patternProperties", "dependencies", "propertyNames", "allOf",
        "anyOf", "oneOf", "not", "if",
    ]

    private mutating func add(_ field: String, _ pointer: JSONPointer, _ words: String, breaks: Bool) {
        found.append(SchemaDifference(field: field, pointer: "\(pointer)", words: words, breaks: breaks))
    }

    mutating func compare(_ old: JSONValue, _ new: JSONValue, field: String, at pointer: JSONPointer) {
        guard pointer.tokens.count <= SchemaLimits.depth, old != new else { return }
        guard case .object(let before) = old, case .object(let after) = new else {
            return add(field, pointer, "the schema was \(Self.text(old)) and is \(Self.text(new))", breaks: true)
        }
        for member in before {
            let place = pointer + member.name
            guard let value = new[member.name] else {
                if !Self.free.contains(member.name) {
                    add(field, place, "\(member.name) is gone (it was \(Self.text(member.value)))", breaks: true)
                }
                continue
            }
            compare(member.name, member.value, value, field: field, at: place)
        }
        for member in after where old[member.name] == nil { appeared(member, field: field, at: pointer + member.name) }
    }

    /// A keyword that both have.
    private mutating func compare(
        _ keyword: String, _ old: JSONValue, _ new: JSONValue, field: String, at pointer: JSONPointer
    ) {
        guard old != new else { return }
        switch keyword {
        case "properties": compareFields(old, new, field: field, at: pointer)
        case "definitions": break
        case "items" where old.array == nil: compare(old, new, field: field + "[]", at: pointer)
        case "additionalProperties": compareRest(old, new, field: field, at: pointer)
        case "required": compareRequired(old, new, field: field, at: pointer)
        case "enum": compareValues(old, new, field: field, at: pointer)
        case "type" where Set(old.array ?? [old]) == Set(new.array ?? [new]): break
        case "type":
            add(field, pointer, "the type was \(Self.text(old)) and is \(Self.text(new))", breaks: true)
        default:
            add(
                field, pointer, "\(keyword) was \(Self.text(old)) and is \(Self.text(new))",
                breaks: !Self.free.contains(keyword))
        }
    }

    private mutating func compareFields(_ old: JSONValue, _ new: JSONValue, field: String, at pointer: JSONPointer) {
        func name(_ part: String) -> String { field.isEmpty ? part : "\(field).\(part)" }
        guard case .object(let before) = old, case .object(let after) = new else { return }
        for property in before {
            let place = pointer + property.name
            if let value = new[property.name] {
                compare(property.value, value, field: name(property.name), at: place)
            } else {
                add(name(property.name), place, "the field is gone: who reads it finds nothing", breaks: true)
            }
        }
        for property in after where old[property.name] == nil {
            let type = property.value["type"].map { " (\(Self.text($0)))" } ?? ""
            add(name(property.name), pointer + property.name, "the field is new\(type)", breaks: false)
        }
    }

    private mutating func compareRequired(_ old: JSONValue, _ new: JSONValue, field: String, at pointer: JSONPointer) {
        let (before, after) = (old.array ?? [], new.array ?? [])
        for name in after where !before.contains(name) {
            add(field, pointer, "\(Self.text(name)) is required now: events without it are refused", breaks: true)
        }
        for name in before where !after.contains(name) {
            add(
                field, pointer, "\(Self.text(name)) is not required any more: who relies on it may miss it",
                breaks: true)
        }
    }

    private mutating func compareValues(_ old: JSONValue, _ new: JSONValue, field: String, at pointer: JSONPointer) {
        let (before, after) = (old.array ?? [], new.array ?? [])
        for value in before where !after.contains(value) {
            add(field, pointer, "\(Self.text(value)) is not among the values any more", breaks: true)
        }
        for value in after where !before.contains(value) {
            add(field, pointer, "\(Self.text(value)) is a new value", breaks: false)
        }
    }

    private mutating func compareRest(_ old: JSONValue, _ new: JSONValue, field: String, at pointer: JSONPointer) {
        if case .object = old, case .object = new { return compare(old, new, field: field + "{}", at: pointer) }
        // Being free and saying nothing are one thing.
        if Self.isFree(old), Self.isFree(new) { return }
        if new == false { return forbidsRest(field, pointer) }
        add(field, pointer, "additionalProperties was \(Self.text(old)) and is \(Self.text(new))", breaks: true)
    }

    private mutating func forbidsRest(_ field: String, _ pointer: JSONPointer) {
        add(field, pointer, "fields that it does not name are refused now (additionalProperties: false)", breaks: true)
    }

    private static func isFree(_ value: JSONValue) -> Bool { value == true || value == .object([]) }

    private mutating func appeared(_ member: JSONValue.Member, field: String, at pointer: JSONPointer) {
        switch member.name {
        case "additionalProperties":
            if member.value == false { return forbidsRest(field, pointer) }
            guard !Self.isFree(member.value) else { return }
        case "minimum" where member.value == .integer(-SchemaBounds.largest),
            "maximum" where member.value == .integer(SchemaBounds.largest):
            // The bounds of all numbers, which narrow nothing that could be relied upon.
            return add(
                field, pointer, "\(member.name) is \(Self.text(member.value)) now, as of all numbers", breaks: false)
        case "required":
            return compareRequired([], member.value, field: field, at: pointer)
        case "properties":
            return compareFields(.object([]), member.value, field: field, at: pointer)
        case "definitions": return
        case "uniqueItems" where member.value == false: return
        default: break
        }
        let isNarrower = Self.narrowing.contains(member.name) || member.name == "additionalProperties"
        add(
            field, pointer,
            "\(member.name) is \(Self.text(member.value)) now, where there was none"
                + (isNarrower ? ": events that fitted may be refused" : ""),
            breaks: isNarrower)
    }

    private static func text(_ value: JSONValue) -> String {
        Excerpt.of(value.string ?? String(decoding: value.bytes, as: UTF8.self), limit: 80)
    }
}
