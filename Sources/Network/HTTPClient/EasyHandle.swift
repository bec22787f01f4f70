internal import CCurl
internal import Glibc

/// A transfer's libcurl handle with all that it points at. Made, used and freed on the engine's thread.
///
/// Lifetime: libcurl calls back with a pointer to this object only from `curl_multi_perform` and `curl_easy_pause`, while
/// the engine holds it in its list; it is removed from the multi handle before it leaves that list.
@safe final class EasyHandle {
    let transfer: Transfer
    let easy: UnsafeMutableRawPointer
    private var list: UnsafeMutablePointer<curl_slist>?
    /// libcurl's words for what went wrong; it writes here until the handle is freed.
    private let words: UnsafeMutablePointer<CChar>
    private var head = HTTPClientHead(status: 0)
    private var refusal: HTTPClientError?

    init?(_ transfer: Transfer) {
        guard let easy = unsafe curl_easy_init() else { return nil }
        self.transfer = transfer
        unsafe self.easy = unsafe easy
        unsafe words = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        configure(transfer.request, transfer.options)
    }

    deinit {
        unsafe curl_easy_cleanup(easy)
        unsafe curl_slist_free_all(list)
        unsafe words.deallocate()
    }

    func goOn() { unsafe curl_easy_pause(easy, CURLPAUSE_CONT) }

    private func configure(_ request: HTTPClientRequest, _ options: HTTPClientOptions) {
        set(CURLOPT_URL, request.url)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_USERAGENT, options.userAgent)
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_CERTINFO, 1)
        if request.version == .http2 { set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE) }
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        if let authorities = options.authorities { set(CURLOPT_CAINFO, authorities) }
        set(CURLOPT_CONNECTTIMEOUT, options.connectTimeout)
        if transfer.target.isLoopback { set(CURLOPT_PROXY, "") }
        if !transfer.isStream {
            set(CURLOPT_LOW_SPEED_LIMIT, 1)
            set(CURLOPT_LOW_SPEED_TIME, options.stallTimeout)
        }
        switch request.method {
        case "GET":
            set(CURLOPT_HTTPGET, 1)
            set(CURLOPT_FOLLOWLOCATION, 1)
            set(CURLOPT_MAXREDIRS, 5)
        case "HEAD": set(CURLOPT_NOBODY, 1)
        default:
            set(CURLOPT_CUSTOMREQUEST, request.method)
            unsafe request.body.withUnsafeBytes { body in
                // An empty body has no address, and none would make libcurl read standard input.
                _ = unsafe ccurl_set_body(easy, body.baseAddress ?? UnsafeRawPointer(words), curl_off_t(body.count))
            }
        }
        // Servers that don't know it leave the client waiting a second.
        unsafe list = curl_slist_append(list, "Expect:")
        for field in request.headers
        where !field.name.isEmpty && !(field.name + field.value).utf8.contains(where: Self.breaks) {
            // libcurl takes "Name:" as an order to leave the field out; "Name;" sends it empty.
            let line = field.value.isEmpty ? field.name + ";" : "\(field.name): \(field.value)"
            unsafe list = curl_slist_append(list, line)
        }
        unsafe ccurl_set_list(easy, CURLOPT_HTTPHEADER, list)
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, words)
        unsafe ccurl_set_pointer(easy, CURLOPT_WRITEDATA, context)
        unsafe ccurl_set_pointer(easy, CURLOPT_HEADERDATA, context)
        unsafe ccurl_set_function(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let handle = unsafe EasyHandle.of(context) else { return 0 }
            return unsafe handle.take(UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        unsafe ccurl_set_function(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            guard let handle = unsafe EasyHandle.of(context) else { return 0 }
            unsafe handle.takeHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
            return size * count
        }
    }

    private static func breaks(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D || byte == 0 }

    private static func of(_ context: UnsafeMutableRawPointer?) -> EasyHandle? {
        guard let context = unsafe context else { return nil }
        return unsafe Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
    }

    private func set(_ option: CURLoption, _ value: Int) { unsafe ccurl_set_long(easy, option, value) }
    private func set(_ option: CURLoption, _ value: String) { unsafe ccurl_set_text(easy, option, value) }

    private func take(_ piece: UnsafeRawBufferPointer) -> Int {
        switch unsafe transfer.take(piece) {
        case .taken: return piece.count
        case .paused: return ccurl_pause()
        case .tooLarge:
            refusal = .responseTooLarge(limit: transfer.options.responseLimit)
            return 0
        }
    }

    /// Takes a line of a head; the last, which is empty, completes it. Interim responses and redirects are passed over.
    private func takeHeader(_ bytes: UnsafeRawBufferPointer) {
        let line = unsafe String(decoding: bytes, as: UTF8.self).trimmingLineEnd()
        if line.hasPrefix("HTTP/") {
            let words = line.split(separator: " ")
            head = HTTPClientHead(status: words.count > 1 ? Int(words[1]) ?? 0 : 0)
            head.version = String(words[0].dropFirst("HTTP/".utf8.count))
            head.certificateEnd = certificateEnd
        } else if let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) {
            let value = line[line.utf8.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            head.headers.append(HTTPClientField(String(line[..<colon]), String(value)))
        } else if line.isEmpty, head.status >= 200 {
            let isRedirect = transfer.request.method == "GET" && (300..<400).contains(head.status)
            if !isRedirect || head["location"] == nil { transfer.take(head: head) }
        }
    }

    /// Of the server's own certificate, which is the first of its chain.
    private var certificateEnd: Int64? {
        var line = unsafe ccurl_first_certificate(easy)
        // Lifetime: the list is libcurl's, and the connection's as long as it lives.
        while let entry = unsafe line {
            let text = unsafe String(cString: entry.pointee.data)
            if text.hasPrefix("Expire date:") { return CertificateDate.parse(text.dropFirst(12)) }
            unsafe line = entry.pointee.next
        }
        return nil
    }

    func result(_ code: CURLcode) -> Result<Void, HTTPClientError> {
        if code == CURLE_OK { return .success(()) }
        if let refusal { return .failure(refusal) }
        let target = transfer.target
        let number = unsafe Int32(truncatingIfNeeded: ccurl_get_long(easy, CURLINFO_OS_ERRNO))
        let system = number == 0 ? nil : unsafe String(cString: strerror(number)).lowercased()
        let told = unsafe String(cString: words)
        let reason = unsafe told.isEmpty ? String(cString: curl_easy_strerror(code)) : told
        let error: HTTPClientError =
            switch code {
            case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: .invalidURL(transfer.request.url, reason: reason)
            case CURLE_COULDNT_RESOLVE_HOST: .unknownHost(target.host)
            case CURLE_COULDNT_CONNECT:
                .couldNotConnect(host: target.host, port: target.port, reason: system ?? reason)
            case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
                CURLE_SSL_CERTPROBLEM:
                .insecure(host: target.host, reason: reason)
            case CURLE_OPERATION_TIMEDOUT:
                unsafe ccurl_get_long(easy, CURLINFO_NUM_CONNECTS) == 0 || reason.contains("onnect")
                    ? .couldNotConnect(
                        host: target.host, port: target.port,
                        reason: "no answer within \(transfer.options.connectTimeout) s")
                    : .timedOut(host: target.host, seconds: transfer.options.stallTimeout)
            case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_HTTP2_STREAM,
                CURLE_HTTP2:
                .connectionLost(host: target.host, reason: system ?? reason)
            case CURLE_TOO_MANY_REDIRECTS: .tooManyRedirects
            default: .failed(code: Int(code.rawValue), reason: reason)
            }
        return .failure(error)
    }
}

extension String {
    fileprivate func trimmingLineEnd() -> String {
        var bytes = Array(utf8)
        while let last = bytes.last, last == 0x0A || last == 0x0D || last == 0x20 { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}
