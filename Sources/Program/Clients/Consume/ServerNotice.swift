internal import JSON

/// An event of type `notice` (contract, section 3) in words.
enum ServerNotice {
    static func sentence(_ data: [UInt8]) -> String {
        guard let notice = try? JSONDocument(data), notice[notice.root].kind == .object,
            let value = notice.member("detail", of: notice.root), let detail = notice.string(value), !detail.isEmpty
        else { return "the server says: \(String(decoding: data.prefix(200), as: UTF8.self))" }
        return "the server says: \(detail)"
    }
}
