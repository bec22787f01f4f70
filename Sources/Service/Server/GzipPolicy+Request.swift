internal import Endpoints
internal import HTTPServer

extension GzipPolicy.Request {
    /// - Parameter asked: the stream's parameter `encoding`.
    init(_ asked: GzipPolicy.Asked?, _ headers: HTTPHeaders) {
        self.init(
            accepted: headers.joined("accept-encoding"), asked: asked, userAgent: headers["user-agent"]?.description,
            isFromBrowser: ["sec-fetch-mode", "sec-fetch-site", "sec-fetch-dest"].contains { headers[$0] != nil },
            via: headers.joined("via"), isFromVarnish: headers["x-varnish"] != nil)
    }
}
