internal import Bytes
internal import JSON

/// Writes one JSON object a line: contract, section 3. What is not a record has a member `$notice`.
public enum NDJSONEncoder {
    /// The first byte of every body, sent at once.
    public static func appendPreamble(to bytes: inout [UInt8]) { bytes.append(0x0A) }

    /// A JSON object. Line breaks in it (they can only be white space between tokens) become spaces.
    public static func appendObject(_ object: Span<UInt8>, to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(object)
        bytes.replaceLineBreaks(from: start)
        bytes.append(0x0A)
    }

    /// An empty line.
    public static func appendHeartbeat(to bytes: inout [UInt8]) { bytes.append(0x0A) }

    public static func appendGap(_ gap: Gap, to bytes: inout [UInt8]) {
        bytes.append("{\"$notice\":\"gap\",")
        gap.appendMembers(to: &bytes)
        bytes.append("}\n")
    }

    public static func appendNotice(_ notice: Notice, to bytes: inout [UInt8]) {
        bytes.append("{\"$notice\":\"notice\",")
        notice.appendMembers(to: &bytes)
        bytes.append("}\n")
    }

    /// The last line of a body.
    ///
    /// - Parameters:
    ///   - problem: a problem document's JSON text (RFC 9457). What is no JSON object becomes the `detail` of one.
    public static func appendError(problem: Span<UInt8>, to bytes: inout [UInt8]) {
        bytes.append("{\"$notice\":\"error\"")
        var text: [UInt8] = []
        text.append(problem)
        if let document = try? JSONDocument(text), document[document.root].kind == .object {
            let object = document.text(of: document.root)
            if !document.content(of: document.root).isEmpty { bytes.append(UInt8(ascii: ",")) }
            let start = bytes.count
            bytes.append(contentsOf: object.dropFirst())
            bytes.replaceLineBreaks(from: start)
        } else {
            bytes.append(",\"detail\":")
            JSONText.append(String(decoding: text, as: UTF8.self), to: &bytes)
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(0x0A)
    }
}
