internal import Endpoints
internal import HTTPServer

extension GzipPolicy.Request {
    /// - Parameter asked: the stream's parameter `encoding`.
    init(_ asked: GzipPolicy.Asked?, _ headers: HTTPHeaders) {
        func joined(_ name: String) -> String? {
            let lines = headers.all(name).map(\.description)
            return lines.isEmpty ? nil : lines.joined(separator: ",")
        }
        self.init(
            accepted: joined("accept-encoding"), asked: asked, userAgent: headers["user-agent"]?.description,
            isFromBrowser: ["sec-fetch-mode", "sec-fetch-site", "sec-fetch-dest"].contains { headers[$0] != nil },
            via: joined("via"), isFromVarnish: headers["x-varnish"] != nil)
    }
}
