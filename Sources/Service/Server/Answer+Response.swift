public import HTTP
public import HTTPServer

extension Answer {
    /// As the HTTP server takes it; it leaves the body out for `HEAD`.
    public var response: HTTPResponse { HTTPResponse(status: status, headers: headers.pairs, body: body) }
}
