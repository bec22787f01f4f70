internal import Glibc
internal import HTTP
internal import System

/// The files of the web page, read into memory at the start.
package struct StaticFiles: Sendable {
    private var files: [String: Document] = [:]

    package init() {}

    /// Reads every file of a directory (not of those below it). One that is missing leaves the page out. Symbolic links are
    /// followed where they lead to a file within the directory, and passed over where they lead out of it.
    package init(directory: String) {
        guard let root = Directory.realPath(directory), let names = try? Directory.names(in: directory) else { return }
        for name in names {
            guard let path = Directory.realPath("\(root)/\(name)"), path.hasPrefix("\(root)/"),
                let bytes = Self.read(path)
            else { continue }
            files[name] = Document(type: Self.type(of: name), body: bytes, headers: Self.headers)
        }
    }

    package var isEmpty: Bool { files.isEmpty }

    /// A file of the page; `index.html` stands for the directory.
    package subscript(_ name: String) -> Document? { files[name.isEmpty ? "index.html" : name] }

    /// Of every page: nothing but what is served here may be loaded or run.
    static let headers: [Headers.Field] = [
        .init(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
                + "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"),
        .init("Referrer-Policy", "no-referrer"),
    ]

    private static func type(of name: String) -> String {
        switch name.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "svg": "image/svg+xml"
        case "json": "application/json; charset=utf-8"
        default: "application/octet-stream"
        }
    }

    private static func read(_ path: String) -> [UInt8]? {
        var status = stat()
        // Reading a pipe or a device might never end.
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return try? SmallFile.read(path)
    }
}
