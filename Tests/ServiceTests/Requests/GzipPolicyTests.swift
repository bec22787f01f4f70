import Endpoints
import TestSupport
import Testing

@Suite struct GzipPolicyTests {
    typealias Request = GzipPolicy.Request

    struct Row: CustomTestStringConvertible {
        var who: String
        var request: Request
        /// The policies under which its stream is in gzip.
        var compressing: Set<GzipPolicy>

        var testDescription: String { who }

        init(_ who: String, _ request: Request, _ compressing: Set<GzipPolicy>) {
            self.who = who
            self.request = request
            self.compressing = compressing
        }
    }

    private static let all = "gzip, deflate, br, zstd"
    private static let chromium = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0"

    static let rows = [
        Row("nobody in particular", Request(), []),
        Row("Python's sseclient", Request(accepted: "gzip, deflate", userAgent: "python-requests/2.34.2"), [.accept]),
        Row("Java", Request(accepted: "gzip", userAgent: "Java-http-client/17.0.15"), [.accept]),
        Row("a client without a name", Request(accepted: "gzip"), [.accept]),
        Row(
            "Chromium", Request(accepted: all, userAgent: chromium, isFromBrowser: true),
            [.auto, .accept]),
        Row("Chromium where it doesn't say that it fetches", Request(accepted: all, userAgent: chromium), [.accept]),
        Row("a browser that wants none", Request(accepted: "identity", isFromBrowser: true), []),
        Row("curl", Request(userAgent: "curl/7.88.1"), []),
        Row("curl --compressed", Request(accepted: "deflate, gzip", userAgent: "curl/7.88.1"), [.auto, .accept]),
        Row("curl of another case", Request(accepted: "gzip", userAgent: "Curl/8"), [.auto, .accept]),
        Row("no curl", Request(accepted: "gzip", userAgent: "pycurl/7.45 curl/7.88.1"), [.accept]),
        Row("no curl, either", Request(accepted: "gzip", userAgent: "curlew"), [.accept]),
        Row("consume", Request(accepted: "gzip", userAgent: "eventstreams"), [.auto, .accept]),
        Row("consume of a version", Request(accepted: "gzip", userAgent: "eventstreams/1.0 (x)"), [.auto, .accept]),
        Row("an empty name", Request(accepted: "gzip", userAgent: ""), [.accept]),

        Row("who asks", Request(asked: .gzip), [.asked, .auto, .accept]),
        Row("who asks and accepts", Request(accepted: "gzip", asked: .gzip), [.asked, .auto, .accept]),
        Row("who asks and doesn't accept", Request(accepted: "identity", asked: .gzip), []),
        Row("who asks and accepts nothing", Request(accepted: "", asked: .gzip), []),
        Row("a browser that asks for none", Request(accepted: all, asked: .identity, isFromBrowser: true), []),

        Row(
            "curl through a proxy", Request(accepted: "gzip", userAgent: "curl/8", via: "1.1 squid (squid/5.7)"),
            [.accept]),
        Row(
            "who asks through a proxy", Request(accepted: "gzip", asked: .gzip, via: "1.1 a"), [.asked, .auto, .accept]),
        Row("curl through Varnish", Request(accepted: "gzip", userAgent: "curl/8", isFromVarnish: true), []),
        Row("who asks through Varnish", Request(accepted: "gzip", asked: .gzip, isFromVarnish: true), []),
        Row(
            "Varnish far away",
            Request(accepted: "gzip", isFromBrowser: true, via: "1.1 cache1 (Varnish/7.1), 1.1 edge"), []),
    ]

    @Test("A stream is in gzip where that is accepted and known to be wanted", arguments: rows)
    func table(row: Row) {
        for policy in GzipPolicy.allCases {
            #expect(policy.compresses(row.request) == row.compressing.contains(policy), "\(policy)")
        }
    }
}
