internal import Configuration
internal import HTTPServer
internal import Reactor
internal import Server

/// Where the server listens: at sockets that a service manager opened, by their names, and else as set.
enum Listening {
    private static let names = ["streams", "intake", "admin", "tls"]

    /// - Throws: `Environment.Failure` for a host without an address, or a socket of the service manager's that is for nothing.
    static func addresses(
        _ settings: ServerSettings, _ inherited: [(descriptor: Int32, name: String)]
    ) throws(Environment.Failure) -> EventService.Addresses {
        var descriptors: [String: Int32] = [:]
        for (descriptor, name) in inherited {
            guard names.contains(name), descriptors[name] == nil else {
                throw Environment.Failure(
                    "the service manager passed a socket named \"\(name)\"; name one each (FileDescriptorName=) "
                        + "streams, intake, admin or tls")
            }
            descriptors[name] = descriptor
        }
        return .init(
            streams: try places("http.host", settings.http.host, settings.http.port, descriptors["streams"]),
            intake: try places("intake.host", settings.intake.host, settings.intake.port, descriptors["intake"]),
            admin: try places("admin.host", settings.admin.host, settings.admin.port, descriptors["admin"]),
            tls: settings.tls.isServed
                ? try places(
                    "tls.host", settings.tlsHost, settings.tls.port,
                    descriptors["tls"]) : [])
    }

    private static func places(
        _ setting: String, _ host: String, _ port: Int, _ inherited: Int32?
    ) throws(Environment.Failure) -> [ListenerOptions.Place] {
        if let inherited { return [.inherited(inherited)] }
        do throws(HostNameError) {
            return try SocketAddress.addresses(of: host, port: UInt16(port)).map { .address($0) }
        } catch {
            throw Environment.Failure("\(setting): \(error)")
        }
    }
}
