internal import Configuration
internal import Glibc
internal import System

/// What the program finds around it: variables, files, and its own place.
enum Environment {
    static var variables: [String: String] {
        var result: [String: String] = [:]
        // The table is the process's own; nothing here changes it while it is read.
        var entry = unsafe environ
        while let pointer = unsafe entry.pointee {
            let pair = unsafe String(cString: pointer).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { result[String(pair[0])] = String(pair[1]) }
            unsafe entry += 1
        }
        return result
    }

    /// - Throws: a sentence.
    static func read(_ path: String) throws(Failure) -> [UInt8] {
        do throws(FileError) {
            if let bytes = try SmallFile.read(path) { return bytes }
        } catch {
            throw Failure("\(path) can't be read: \(error)")
        }
        throw Failure("\(path) can't be read: there is no such file")
    }

    /// Settings from the file, the variables and the options of a command.
    static func settings(_ run: Invocation.Run) throws(Failure) -> ServerSettings {
        let variables = variables
        var file: ServerSettings.File?
        if let path = run.value("--config") ?? variables["EVENTSTREAMS_CONFIG"] {
            file = .init(name: path, bytes: try read(path))
        }
        switch ServerSettings.load(file: file, environment: variables, flags: run.flags) {
        case .success(let settings): return settings
        case .failure(let errors): throw Failure(errors.description, status: errors.isWrongUse ? 2 : 1)
        }
    }

    /// The directory of the web page: as set, or where it is usually.
    static func publicDirectory(_ setting: String) -> String {
        guard setting.isEmpty else { return setting }
        var buffer = [UInt8](repeating: 0, count: 4096)
        // The path is written into the buffer before the call returns, without an end.
        let count = unsafe buffer.withUnsafeMutableBytes {
            guard let start = $0.baseAddress else { return 0 }
            return unsafe readlink("/proc/self/exe", start.assumingMemoryBound(to: CChar.self), $0.count)
        }
        let program = String(decoding: buffer[..<max(count, 0)], as: UTF8.self)
        let directory = program.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
            separator: "/")
        let places = ["public", "\(directory)/public", "\(directory)/../share/eventstreams/public"]
        return places.first { unsafe access("\($0)/index.html", R_OK) == 0 } ?? places[2]
    }

    struct Failure: Error, CustomStringConvertible {
        var description: String
        /// The exit status of a command that ends with it: 2 for wrong use, 1 for all else.
        var status: Int32

        init(_ description: String, status: Int32 = 1) {
            self.description = description
            self.status = status
        }
    }

    static func exitStatus(of error: any Error) -> Int32 { (error as? Failure)?.status ?? 1 }
}

extension Environment {
    /// Cores that this process may use.
    static var cores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
