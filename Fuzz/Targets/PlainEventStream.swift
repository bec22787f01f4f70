internal import EventFormats

/// WHATWG HTML, section 9.2.6, written down as it stands there and with no care for cost: what the parser is held against.
enum PlainEventStream {
    static func items(of body: [UInt8]) -> [EventStreamItem] {
        var items: [EventStreamItem] = []
        var data: [UInt8] = []
        var type: [UInt8] = []
        var id: [UInt8] = []
        var hasID = false
        for line in completeLines(of: body) {
            guard let first = line.first else {
                if !data.isEmpty {
                    let name = type.isEmpty ? "message" : String(decoding: type, as: UTF8.self)
                    items.append(.event(ReceivedEvent(type: name, data: data.dropLast(), lastEventID: id)))
                } else if hasID {
                    items.append(.progress(lastEventID: id))
                }
                (data, type, hasID) = ([], [], false)
                continue
            }
            let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
            var value = line[colon...].dropFirst()
            if value.first == 0x20 { value = value.dropFirst() }
            if first == UInt8(ascii: ":") {
                items.append(.comment(Array(value)))
                continue
            }
            switch String(decoding: line[..<colon], as: UTF8.self) {
            case "event": type = Array(value)
            case "data": data += value + [0x0A]
            case "id" where !value.contains(0): (id, hasID) = (Array(value), true)
            case "retry" where !value.isEmpty && value.allSatisfy { 0x30...0x39 ~= $0 }:
                items.append(.retry(milliseconds: Int64(String(decoding: value, as: UTF8.self)) ?? .max))
            default: break
            }
        }
        return items
    }

    /// The lines without their ends, and without what follows the last end.
    private static func completeLines(of body: [UInt8]) -> [[UInt8]] {
        var rest = body.starts(with: [0xEF, 0xBB, 0xBF]) ? body.dropFirst(3) : body[...]
        var lines: [[UInt8]] = []
        while let end = rest.firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) {
            lines.append(Array(rest[..<end]))
            rest = rest[end...].starts(with: [0x0D, 0x0A]) ? rest[(end + 2)...] : rest[(end + 1)...]
        }
        return lines
    }
}
