internal import Glibc

/// Recorded events of the public service, which are not part of the project: in the folder that the environment's
/// EVENTSTREAMS_SHARED names, or `../shared` beside the project.
public enum Recorded {
    public static let folder: String = {
        let environment = unsafe getenv("EVENTSTREAMS_SHARED").map { unsafe String(cString: $0) }
        return environment ?? #filePath.split(separator: "/").dropLast(4).reduce("") { $0 + "/" + $1 } + "/shared"
    }()

    public static var isThere: Bool { unsafe access(folder + "/data/README.md", R_OK) == 0 }

    public static let whenMissing =
        "skipped: no recorded events in ../shared; EVENTSTREAMS_SHARED may name their folder"

    public struct Unreadable: Error { public var path: String }

    /// A gzip file's content.
    public static func content(of path: String) throws -> [UInt8] {
        // The names are this project's own, the folder is the developer's.
        guard let pipe = unsafe popen("gunzip -c '\(folder)/data/\(path)'", "r") else { throw Unreadable(path: path) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            // Lifetime: the buffer outlives the call, which writes no more than its size.
            let count = unsafe fread(&buffer, 1, buffer.count, pipe)
            guard count > 0 else { break }
            content += buffer[..<count]
        }
        guard unsafe pclose(pipe) == 0 else { throw Unreadable(path: path) }
        return content
    }

    /// Its events, one a line.
    public static func lines(of path: String) throws -> [[UInt8]] {
        try content(of: path).split(separator: 0x0A).map(Array.init)
    }
}
