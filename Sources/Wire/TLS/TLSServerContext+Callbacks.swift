internal import COpenSSL

// Not a member: a member's closures would capture its type, which a C function cannot.
private func owner(_ session: OpaquePointer?) -> TLSServerContext? {
    // Lifetime: a session holds on to the context that it was made with, whose pointer all of its contexts have.
    guard let own = unsafe SSL_get_SSL_CTX(session), let pointer = unsafe SSL_CTX_get_ex_data(own, 0) else {
        return nil
    }
    return unsafe Unmanaged<TLSServerContext>.fromOpaque(pointer).takeUnretainedValue()
}

/// What OpenSSL calls during a handshake.
extension TLSServerContext {
    func setCallbacks(_ own: OpaquePointer) {
        unsafe SSL_CTX_set_ex_data(own, 0, Unmanaged.passUnretained(self).toOpaque())
        unsafe copenssl_set_name_callback(
            own,
            { session, _, _ in
                guard let name = unsafe SSL_get_servername(session, TLSEXT_NAMETYPE_host_name) else {
                    return SSL_TLSEXT_ERR_NOACK
                }
                if let chosen = unsafe owner(session)?.context(for: String(cString: name)) {
                    _ = unsafe SSL_set_SSL_CTX(session, chosen)
                }
                return SSL_TLSEXT_ERR_OK
            }, nil)
        unsafe SSL_CTX_set_alpn_select_cb(
            own,
            { _, chosen, chosenCount, offered, offeredCount, _ in
                let offer = unsafe UnsafeBufferPointer(start: offered, count: Int(offeredCount))
                guard let place = ApplicationProtocol.choose(from: unsafe Array(offer)) else {
                    return SSL_TLSEXT_ERR_ALERT_FATAL
                }
                // Lifetime: the client's own list, which the library keeps for as long as it needs the choice.
                unsafe chosen?.pointee = unsafe offered.map { unsafe $0 + place.lowerBound }
                unsafe chosenCount?.pointee = UInt8(place.count)
                return SSL_TLSEXT_ERR_OK
            }, nil)
        unsafe SSL_CTX_set_tlsext_ticket_key_evp_cb(own) { session, name, vector, cipher, mac, encrypts in
            guard let keys = unsafe owner(session)?.ticketKeys, let name = unsafe name, let vector = unsafe vector
            else {
                return -1
            }
            // Lifetime: name and vector are the library's, of these lengths, until this returns.
            let nameBytes = unsafe UnsafeMutableBufferPointer(start: name, count: 16)
            let key: TLSTicketKeys.Key
            var isOld = false
            if encrypts == 1 {
                key = keys.newest
                for index in 0..<16 { unsafe nameBytes[index] = key.name[index] }
                guard unsafe RAND_bytes(vector, EVP_MAX_IV_LENGTH) == 1 else { return -1 }
            } else {
                guard let found = keys.key(named: unsafe Array(nameBytes)) else { return 0 }
                key = found.key
                isOld = !found.isNewest
            }
            guard unsafe copenssl_begin_ticket(cipher, mac, key.cipher, key.mac, vector, encrypts) == 1 else {
                return -1
            }
            return isOld ? 2 : 1
        }
    }
}
