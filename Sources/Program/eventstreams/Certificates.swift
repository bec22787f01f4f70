internal import Configuration
internal import Reactor
internal import Synchronization
internal import System
internal import TLS
internal import Telemetry
internal import Time

/// The certificates that TLS is served with: read from their files, and again when those have changed.
final class Certificates: Sendable {
    /// What the files hold: the certificate's and the key's, by pair.
    private typealias Content = [[[UInt8]]]

    /// What new connections are served with.
    let context: CurrentTLSContext
    private let ticketKeys: TLSTicketKeys
    /// Whether the kernel encrypts what is sent.
    let isByKernel: Bool
    private struct State {
        var settings: ServerSettings.TLS
        /// What was read last, whether it could be used or not.
        var seen: Content
        /// Why that could not be used.
        var failure: String?
        var ends: [(file: String, at: Int64)]
    }
    private let state: Mutex<State>

    /// Nil: there is no TLS.
    ///
    /// - Throws: `Environment.Failure`, which names the file and says what is wrong with it.
    init?(_ settings: ServerSettings.TLS) throws(Environment.Failure) {
        guard settings.isServed else { return nil }
        let clock = MonotonicClock.system
        ticketKeys = TLSTicketKeys(lifetime: settings.ticketLifetime) { clock.now() }
        isByKernel = settings.isByKernel && KernelTLS.isThere()
        let content = try Self.read(settings)
        let certificates = try Self.parse(content, settings)
        context = CurrentTLSContext(try Self.context(certificates, ticketKeys, isByKernel))
        state = Mutex(State(settings: settings, seen: content, ends: Self.ends(certificates, settings)))
    }

    /// When the certificates end to be valid, by their files. Unix seconds.
    var ends: [(file: String, at: Int64)] { state.withLock { $0.ends } }

    /// Sentences about certificates that end soon, or have ended.
    func warnings(now: Int64 = WallClock.now() / 1000) -> [String] {
        ends.compactMap { file, end in
            let days = (end - now) / 86_400
            if end <= now { return "the certificate in \(file) has ended \((now - end) / 86_400) days ago: renew it" }
            return days < Self.warningDays ? "the certificate in \(file) ends in \(days) days: renew it" : nil
        }
    }

    private static let warningDays: Int64 = 14

    /// What became of reading the files again.
    enum Outcome {
        case unchanged
        case changed
        /// What is there now can't be used, and what was there stays in use.
        case failed(String)
    }

    /// Takes over what the files hold now. Connections that there are go on with what they began with.
    ///
    /// - Parameter settings: other files; nil: the same as before, and what was told of them is not told again.
    func reload(_ settings: ServerSettings.TLS? = nil) -> Outcome {
        let (files, seen) = state.withLock { ($0.settings, $0.seen) }
        let isAsked = settings != nil
        let settings = settings ?? files
        do throws(Environment.Failure) {
            guard settings.isServed else { throw Environment.Failure("TLS is turned off by a restart only") }
            let content = try Self.read(settings)
            guard isAsked || content != seen else { return .unchanged }
            state.withLock { ($0.settings, $0.seen) = (settings, content) }
            let certificates = try Self.parse(content, settings)
            context.replace(try Self.context(certificates, ticketKeys, isByKernel))
            state.withLock { ($0.ends, $0.failure) = (Self.ends(certificates, settings), nil) }
            return content != seen ? .changed : .unchanged
        } catch {
            let isNew = state.withLock { state in
                defer { state.failure = error.description }
                return state.failure != error.description
            }
            return isNew || isAsked ? .failed(error.description) : .unchanged
        }
    }

    private static func read(_ settings: ServerSettings.TLS) throws(Environment.Failure) -> Content {
        var content: Content = []
        for (certificate, key) in settings.files {
            content.append([try Environment.read(certificate), try Environment.read(key)])
        }
        return content
    }

    private static func parse(
        _ content: Content, _ settings: ServerSettings.TLS
    ) throws(Environment.Failure) -> [TLSCertificate] {
        var certificates: [TLSCertificate] = []
        for (pair, files) in zip(content, settings.files) {
            do throws(TLSError) {
                certificates.append(try TLSCertificate(chain: pair[0], key: pair[1]))
            } catch {
                let names = files.certificate == files.key ? files.certificate : "\(files.certificate), \(files.key)"
                throw Environment.Failure("\(names): \(error)")
            }
        }
        return certificates
    }

    private static func context(
        _ certificates: [TLSCertificate], _ keys: TLSTicketKeys, _ isByKernel: Bool
    ) throws(Environment.Failure) -> TLSServerContext {
        do throws(TLSError) {
            return try TLSServerContext(certificates, ticketKeys: keys, offersKeys: isByKernel)
        } catch {
            throw Environment.Failure("tls.certificates: \(error)")
        }
    }

    private static func ends(
        _ certificates: [TLSCertificate], _ settings: ServerSettings.TLS
    ) -> [(file: String, at: Int64)] {
        zip(settings.files, certificates).map { ($0.certificate, $1.validUntil) }
    }
}
