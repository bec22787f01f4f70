internal import CYAML

/// Reads YAML, and with it JSON, by libyaml. One document, of bounded size and depth. A byte order mark before it is passed
/// over, and merge keys (`<<: *defaults`) are carried out.
public enum YAML {
    /// Bytes of a document.
    public static let lengthLimit = 16 << 20
    /// Values of a document, each counted as often as aliases repeat it.
    public static let nodeLimit = 1_000_000
    public static let depthLimit = 64
    /// Lines that begin with `%`. libyaml's time grows with the square of the number of directives.
    public static let directiveLimit = 16
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    public static func parse(_ bytes: [UInt8]) throws(YAMLError) -> YAMLNode {
        guard bytes.count <= lengthLimit else {
            throw YAMLError(message: "the document is longer than \(lengthLimit) bytes", line: 1, column: 1)
        }
        let bytes = bytes.starts(with: byteOrderMark) ? bytes[byteOrderMark.count...] : bytes[...]
        let lines = bytes.split(separator: 0x0A)
        guard lines.count(where: { $0.first == UInt8(ascii: "%") }) <= directiveLimit else {
            throw YAMLError(message: "it has more than \(directiveLimit) directives", line: 1, column: 1)
        }
        let reader = YAMLReader()
        let result: Result<YAMLNode, YAMLError> = unsafe bytes.withUnsafeBufferPointer { buffer in
            // The parser reads from the buffer until it is deleted, which is before this closure returns.
            do throws(YAMLError) {
                return .success(try unsafe reader.document(buffer))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

/// Builds the tree from libyaml's events. Safe, because the C structures are its own, made and deleted in `document`, and what
/// their pointers lead to is copied while the event that owns it lives.
@safe private final class YAMLReader {
    private var parser = unsafe yaml_parser_t()
    private var event = unsafe yaml_event_t()
    private var anchors: [String: YAMLNode] = [:]
    private var sizes: [String: Int] = [:]
    private var count = 0

    func document(_ bytes: UnsafeBufferPointer<UInt8>) throws(YAMLError) -> YAMLNode {
        guard unsafe yaml_parser_initialize(&parser) == 1 else {
            throw YAMLError(message: "there is no memory to read it with", line: 1, column: 1)
        }
        defer { unsafe yaml_parser_delete(&parser) }
        unsafe yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
        unsafe yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
        try advance()
        try advance()
        guard unsafe event.type == YAML_DOCUMENT_START_EVENT else { return empty }
        try advance()
        let root = try node(depth: 0)
        try advance()
        guard unsafe event.type == YAML_STREAM_END_EVENT else {
            throw error("there is a second document; keep one")
        }
        unsafe yaml_event_delete(&event)
        return root
    }

    private var empty: YAMLNode { YAMLNode(value: .scalar("", isPlain: true), line: 1, column: 1) }
    private var line: Int { unsafe Int(event.start_mark.line) + 1 }
    private var column: Int { unsafe Int(event.start_mark.column) + 1 }

    private func error(_ message: String) -> YAMLError {
        defer { unsafe yaml_event_delete(&event) }
        return YAMLError(message: message, line: line, column: column)
    }

    /// To the next event; the one before is done with.
    private func advance() throws(YAMLError) {
        unsafe yaml_event_delete(&event)
        guard unsafe yaml_parser_parse(&parser, &event) == 1 else {
            // The message is a constant of the library's.
            let problem = unsafe parser.problem.map { unsafe String(cString: $0) } ?? "it can't be read"
            throw YAMLError(
                message: problem, line: unsafe Int(parser.problem_mark.line) + 1,
                column: unsafe Int(parser.problem_mark.column) + 1)
        }
        if unsafe event.type == YAML_DOCUMENT_END_EVENT { try advance() }
    }

    /// The value that begins at the present event; afterwards its last event is the present one.
    private func node(depth: Int) throws(YAMLError) -> YAMLNode {
        guard depth < YAML.depthLimit else { throw error("it is nested deeper than \(YAML.depthLimit) levels") }
        count += 1
        guard count <= YAML.nodeLimit else { throw error("it has more than \(YAML.nodeLimit) values") }
        let (line, column) = (line, column)
        let before = count
        let type = unsafe event.type
        if type == YAML_ALIAS_EVENT { return try alias() }
        let anchor = anchor(type)
        let value: YAMLNode.Value
        switch type {
        case YAML_SCALAR_EVENT: value = scalar()
        case YAML_SEQUENCE_START_EVENT: value = try sequence(depth)
        case YAML_MAPPING_START_EVENT: value = try mapping(depth)
        default: throw error("a value is missing")
        }
        let node = YAMLNode(value: value, line: line, column: column)
        if let anchor {
            anchors[anchor] = node
            sizes[anchor] = count - before + 1
        }
        return node
    }

    private func alias() throws(YAMLError) -> YAMLNode {
        let name = unsafe event.data.alias.anchor.map { unsafe String(cString: $0) } ?? ""
        guard let node = anchors[name] else { throw error("there is no anchor named \(name) before this") }
        // A copy costs nothing, but whoever walks the tree pays for each.
        count += sizes[name] ?? 0
        guard count <= YAML.nodeLimit else { throw error("its aliases make more than \(YAML.nodeLimit) values") }
        return node
    }

    private func anchor(_ type: yaml_event_type_t) -> String? {
        // The names live as long as the event.
        switch type {
        case YAML_SCALAR_EVENT: unsafe event.data.scalar.anchor.map { unsafe String(cString: $0) }
        case YAML_SEQUENCE_START_EVENT: unsafe event.data.sequence_start.anchor.map { unsafe String(cString: $0) }
        case YAML_MAPPING_START_EVENT: unsafe event.data.mapping_start.anchor.map { unsafe String(cString: $0) }
        default: nil
        }
    }

    private func scalar() -> YAMLNode.Value {
        let scalar = unsafe event.data.scalar
        // The text lives as long as the event, and is copied here.
        let text = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
        return unsafe .scalar(String(decoding: text, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
    }

    private func sequence(_ depth: Int) throws(YAMLError) -> YAMLNode.Value {
        var elements: [YAMLNode] = []
        try advance()
        while unsafe event.type != YAML_SEQUENCE_END_EVENT {
            elements.append(try node(depth: depth + 1))
            try advance()
        }
        return .sequence(elements)
    }

    private func mapping(_ depth: Int) throws(YAMLError) -> YAMLNode.Value {
        var members: [YAMLNode.Member] = []
        var lines: [String: Int] = [:]
        var merged: [YAMLNode.Member] = []
        try advance()
        while unsafe event.type != YAML_MAPPING_END_EVENT {
            guard unsafe event.type == YAML_SCALAR_EVENT, case .scalar(let name, let isPlain) = scalar() else {
                throw error("a name must be a plain word or a string")
            }
            let (line, column) = (line, column)
            if let first = lines[name] {
                throw error("\(name) stands here a second time; the first is in line \(first)")
            }
            lines[name] = line
            try advance()
            let value = try node(depth: depth + 1)
            if name == "<<", isPlain {
                merged = try Self.members(toMerge: value)
            } else {
                members.append(.init(name: name, line: line, column: column, value: value))
            }
            try advance()
        }
        return .mapping(members + merged.filter { lines[$0.name] == nil })
    }

    /// What a merge key (`<<`, https://yaml.org/type/merge.html) adds: the members of a mapping, or of each of a list, of
    /// which the earlier win.
    private static func members(toMerge node: YAMLNode) throws(YAMLError) -> [YAMLNode.Member] {
        var members: [YAMLNode.Member] = []
        var names: Set<String> = []
        for mapping in node.elements ?? [node] {
            guard let more = mapping.members else {
                throw YAMLError(
                    message: "<< must be a mapping or a list of mappings, such as *defaults", line: node.line,
                    column: node.column)
            }
            members += more.filter { names.insert($0.name).inserted }
        }
        return members
    }
}
