internal import EventStreamsClient
internal import System

extension StreamsClient {
    /// A command's.
    ///
    /// - Throws: `usage` for a file of certificates that can't be read.
    init(_ options: ClientOptions, _ environment: ClientEnvironment) throws(ClientFailure) {
        if let path = options.authorities {
            let bytes: [UInt8]?
            do throws(FileError) { bytes = try SmallFile.read(path) } catch {
                throw .usage("\(path) can't be read: \(error)")
            }
            if bytes == nil { throw .usage("there is no file \(path)") }
        }
        do throws(ClientError) { try self.init(options, timing: environment.timing) } catch {
            throw .stopped("\(error)")
        }
    }
}
