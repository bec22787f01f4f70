import COpenSSL
import TestSupport
import Testing

@testable import TLS

/// Sessions whose records somebody else makes: here, in the kernel's place, the library's cipher by itself.
@Suite struct TLSSendingKeyTests {
    static let ciphers: [(version: Int32, name: String)] = [
        (TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256"), (TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384"),
        (TLS1_3_VERSION, "TLS_CHACHA20_POLY1305_SHA256"), (TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256"),
        (TLS1_2_VERSION, "ECDHE-ECDSA-AES256-GCM-SHA384"), (TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305"),
    ]

    @Test(arguments: ciphers, [0, 1, 3, 300])
    func aClientReadsOnWhereAnotherSends(cipher: (version: Int32, name: String), before: Int) throws {
        let pair = try TLSPair(try TLSPair.context(offersKeys: true), only: cipher)
        pair.settle()
        for number in 0..<before {
            let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 1 + number * 100)
            #expect(pair.send(bytes, fromClient: false))
            #expect(pair.settle().client == bytes)
        }
        var records = try #require(RecordMaker(of: pair.server))
        #expect(!pair.send([1], fromClient: false), "nothing is sent twice with one number")
        for text in ["one", "two", String(repeating: "three", count: 1000)] {
            let plain = Array(text.utf8)
            #expect(pair.give(records.record(plain), toClient: true) == plain)
        }
        // The other way all is as before.
        pair.send(Array("answer".utf8), fromClient: true)
        #expect(pair.settle().server == Array("answer".utf8) && pair.server.failure == nil)
    }

    @Test func aKeyIsGivenOnceAndByAContextThatOffersItAlone() throws {
        let silent = try TLSPair(try TLSPair.context())
        silent.settle()
        #expect(RecordMaker(of: silent.server) == nil && silent.send([1], fromClient: false))
        let pair = try TLSPair(try TLSPair.context(offersKeys: true))
        #expect(RecordMaker(of: pair.server) == nil, "before both sides have agreed")
        pair.settle()
        #expect(RecordMaker(of: pair.server) != nil && RecordMaker(of: pair.server) == nil)
    }

    @Test func aSessionWhoseKeyWasRefusedSendsAsBefore() throws {
        let pair = try TLSPair(try TLSPair.context(offersKeys: true))
        pair.settle()
        #expect(unsafe !pair.server.handSending { unsafe $0.isEmpty })
        #expect(pair.send(Array("on".utf8), fromClient: false) && pair.settle().client == Array("on".utf8))
        #expect(unsafe !pair.server.handSending { unsafe !$0.isEmpty }, "it is asked once")
    }

    @Test func aClientThatAsksForANewKeyIsEndedWhereAnotherSends() throws {
        let pair = try TLSPair(try TLSPair.context(offersKeys: true))
        pair.settle()
        #expect(unsafe pair.server.handSending { unsafe !$0.isEmpty })
        pair.client.askForNewKeys()
        pair.send(Array("last".utf8), fromClient: true)
        #expect(pair.settle().server == Array("last".utf8))
        #expect(pair.server.failure == .asksForNewKey)
    }

    @Test func aKeyThatTheClientHasHadChangedIsNotGiven() throws {
        let pair = try TLSPair(try TLSPair.context(offersKeys: true))
        pair.settle()
        pair.client.askForNewKeys()
        pair.send(Array("a".utf8), fromClient: true)
        #expect(pair.settle().server == Array("a".utf8))
        #expect(unsafe !pair.server.handSending { unsafe !$0.isEmpty }, "the answer with the new key is still to come")
        #expect(pair.send(Array("b".utf8), fromClient: false) && pair.settle().client == Array("b".utf8))
        #expect(
            unsafe !pair.server.handSending { unsafe !$0.isEmpty }, "the client has a new key, which was told to nobody"
        )
    }

    @Test func whatIsWrongEndsASessionWithoutAWordWhereAnotherSends() throws {
        let pair = try TLSPair(try TLSPair.context(offersKeys: true))
        pair.settle()
        #expect(unsafe pair.server.handSending { unsafe !$0.isEmpty })
        _ = pair.give([23, 3, 3, 0, 40] + [UInt8](repeating: 7, count: 40), toClient: false)
        #expect(pair.server.failure != nil && pair.takeOutput(ofClient: false).isEmpty)
        pair.server.end()
        #expect(pair.takeOutput(ofClient: false).isEmpty)
    }
}

/// Makes records with a session's key as the kernel does (RFC 8446, section 5; RFC 5288; RFC 7905).
private struct RecordMaker {
    private let isTLS13: Bool
    private let cipher: UInt16
    private let key: [UInt8]
    /// The part of the nonce that no record carries, and the part that those of TLS 1.2 with AES-GCM do.
    private let salt: [UInt8]
    private var vector: [UInt8]
    private var number: UInt64

    init?(of session: TLSSession) {
        var taken: [UInt8] = []
        let hasKey = unsafe session.handSending {
            unsafe taken = Array($0)
            return true
        }
        guard hasKey else { return nil }
        isTLS13 = UInt16(taken[1]) << 8 | UInt16(taken[0]) == UInt16(TLS1_3_VERSION)
        cipher = UInt16(taken[3]) << 8 | UInt16(taken[2])
        let (vectorCount, keyCount, saltCount) =
            Int32(cipher) == TLS_CIPHER_CHACHA20_POLY1305
            ? (12, 32, 0) : Int32(cipher) == TLS_CIPHER_AES_GCM_256 ? (8, 32, 4) : (8, 16, 4)
        var rest = taken[4...]
        vector = Array(rest.prefix(vectorCount))
        rest = rest.dropFirst(vectorCount)
        key = Array(rest.prefix(keyCount))
        rest = rest.dropFirst(keyCount)
        salt = Array(rest.prefix(saltCount))
        number = rest.dropFirst(saltCount).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private var carriesVector: Bool { !isTLS13 && Int32(cipher) != TLS_CIPHER_CHACHA20_POLY1305 }

    mutating func record(_ plain: [UInt8]) -> [UInt8] {
        let place = unsafe withUnsafeBytes(of: number.bigEndian) { unsafe Array($0) }
        var nonce = salt + vector
        if !carriesVector { for index in 0..<8 { nonce[4 + index] ^= place[index] } }
        let inner = isTLS13 ? plain + [23] : plain
        let count = inner.count + 16 + (carriesVector ? 8 : 0)
        let header: [UInt8] = [23, 3, 3, UInt8(count >> 8), UInt8(count & 255)]
        let added = isTLS13 ? header : place + [23, 3, 3, UInt8(plain.count >> 8), UInt8(plain.count & 255)]
        let record = header + (carriesVector ? vector : []) + seal(inner, nonce, added)
        number += 1
        if carriesVector {
            let next = vector.reduce(0) { $0 << 8 | UInt64($1) } &+ 1
            vector = unsafe withUnsafeBytes(of: next.bigEndian) { unsafe Array($0) }
        }
        return record
    }

    private func seal(_ plain: [UInt8], _ nonce: [UInt8], _ added: [UInt8]) -> [UInt8] {
        let context = unsafe EVP_CIPHER_CTX_new()
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        let kind =
            unsafe Int32(cipher) == TLS_CIPHER_CHACHA20_POLY1305
            ? EVP_chacha20_poly1305() : Int32(cipher) == TLS_CIPHER_AES_GCM_256 ? EVP_aes_256_gcm() : EVP_aes_128_gcm()
        var (sealed, tag) = ([UInt8](repeating: 0, count: plain.count), [UInt8](repeating: 0, count: 16))
        var count: Int32 = 0
        unsafe EVP_EncryptInit_ex(context, kind, nil, key, nonce)
        unsafe EVP_EncryptUpdate(context, nil, &count, added, Int32(added.count))
        unsafe EVP_EncryptUpdate(context, &sealed, &count, plain, Int32(plain.count))
        unsafe EVP_EncryptFinal_ex(context, nil, &count)
        unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, &tag)
        return sealed + tag
    }
}
