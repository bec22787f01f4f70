internal import JSON

/// A gap (contract, section 6) in words.
enum GapNotice {
    static func sentence(_ data: [UInt8]) -> String {
        guard let gap = try? JSONDocument(data), gap[gap.root].kind == .object else {
            return "gap: records are missing here"
        }
        func text(_ name: StaticString) -> String? {
            guard let value = gap.member(name, of: gap.root) else { return nil }
            return gap.string(value) ?? gap.integer(value).map(String.init)
        }
        var sentence = "gap in " + (text("topic") ?? "the stream")
        if let partition = text("partition") { sentence += " partition \(partition)" }
        switch (text("from"), text("to")) {
        case (let from?, let to?): sentence += ": offsets from \(from) to before \(to)"
        case (nil, let to?): sentence += ": offsets before \(to)"
        case (let from?, nil): sentence += ": offsets from \(from) on"
        case (nil, nil): break
        }
        if let reason = text("reason") { sentence += " (\(reason))" }
        if let detail = text("detail"), !detail.isEmpty { sentence += ": \(detail)" }
        return sentence
    }
}
