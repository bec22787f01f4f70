package import HTTP
package import HTTPServer

extension Answer {
    /// As the HTTP server takes it; it leaves the body out for `HEAD`.
    package var response: HTTPResponse { HTTPResponse(status: status, headers: headers.pairs, body: body) }
}
