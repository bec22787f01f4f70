internal import HTTP

/// Which streams go out in gzip (contract, section 3; the setting `streaming.gzip`).
///
/// `Accept-Encoding` alone doesn't tell that a client unpacks: HTTP libraries send it by default, and many readers of event
/// streams then read the bytes below the library's decoder and see no event at all.
package enum GzipPolicy: String, Hashable, Sendable, CaseIterable {
    case never
    /// Only where the request says `encoding=gzip`.
    case asked
    /// Also where a client that is known to unpack accepts it: a browser, curl, this program's own clients.
    case auto
    /// Wherever it is accepted.
    case accept

    /// What a request says of encodings. Several lines of a field are joined by commas.
    package struct Request: Hashable, Sendable {
        /// `Accept-Encoding`; nil without one.
        package var accepted: String?
        /// The stream's parameter `encoding`.
        package var asked: Asked?
        /// `User-Agent`.
        package var userAgent: String?
        /// Whether there is a `Sec-Fetch-` field, which only browsers' own code can send.
        package var isFromBrowser: Bool
        /// `Via`.
        package var via: String?
        /// Whether there is an `X-Varnish`.
        package var isFromVarnish: Bool

        package init(
            accepted: String? = nil, asked: Asked? = nil, userAgent: String? = nil, isFromBrowser: Bool = false,
            via: String? = nil, isFromVarnish: Bool = false
        ) {
            self.accepted = accepted
            self.asked = asked
            self.userAgent = userAgent
            self.isFromBrowser = isFromBrowser
            self.via = via
            self.isFromVarnish = isFromVarnish
        }
    }

    /// The values of the parameter `encoding`.
    package enum Asked: String, Hashable, Sendable, CaseIterable {
        case gzip, identity
    }

    /// The names by which clients that unpack begin their `User-Agent`.
    static let knownClients = ["curl", "eventstreams"]

    /// Whether the answer's body is to be in gzip.
    package func compresses(_ request: Request) -> Bool {
        guard self != .never, request.asked != .identity, !Self.unpacksInLumps(request) else { return false }
        if request.asked == .gzip {
            // Without the field every coding is acceptable (RFC 9110, section 12.5.3), and this one is asked for.
            return request.accepted.map(AcceptEncoding.takesGzip) ?? true
        }
        guard let accepted = request.accepted, AcceptEncoding.takesGzip(accepted) else { return false }
        return switch self {
        case .never, .asked: false
        // A proxy that says it is there may have written Accept-Encoding itself.
        case .auto: request.via == nil && (request.isFromBrowser || Self.isKnown(request.userAgent))
        case .accept: true
        }
    }

    /// Varnish asks for gzip whatever its client accepts, and unpacks in pieces of 32 KiB, each of which may take minutes.
    private static func unpacksInLumps(_ request: Request) -> Bool {
        request.isFromVarnish || request.via?.lowercased().contains("varnish") == true
    }

    /// By the first product of `User-Agent` (RFC 9110, section 10.1.5).
    private static func isKnown(_ userAgent: String?) -> Bool {
        guard let product = userAgent?.prefix(while: { $0 != "/" && $0 != " " }).lowercased() else { return false }
        return knownClients.contains(product)
    }
}
