import TestSupport
import Testing

@testable import TLS

@Suite struct TLSCertificateTests {
    private static func certificate(_ chain: String, _ key: String) throws -> TLSCertificate {
        try TLSCertificate(chain: Array(chain.utf8), key: Array(key.utf8))
    }

    @Test func aCertificateIsForItsNamesAndForNoOthers() throws {
        let certificate = try Self.certificate(TestCertificate.a.chain, TestCertificate.a.key)
        #expect(["a.test", "A.TEST", "x.wild.test"].allSatisfy { certificate.isValid(for: $0) })
        #expect(
            !["b.test", "wild.test", "x.y.wild.test", "", "a.test.", "\0"].contains { certificate.isValid(for: $0) })
        #expect(certificate.validUntil > 4_900_000_000 && certificate.validFrom < certificate.validUntil)
    }

    @Test func bothMayStandInOneFile() throws {
        let both = TestCertificate.a.key + "\n" + TestCertificate.a.chain
        #expect(throws: Never.self) { try Self.certificate(both, both) }
    }

    @Test func theKeyOfAnotherCertificateIsRefused() {
        #expect(throws: TLSError.keyOfAnotherCertificate) {
            try Self.certificate(TestCertificate.a.chain, TestCertificate.b.key)
        }
    }

    @Test func whatHoldsNoneIsRefusedInWords() throws {
        let cases: [(String, String, String)] = [
            ("", TestCertificate.a.key, "the certificate can't be used: the file does not hold a certificate in PEM"),
            (
                TestCertificate.a.key, TestCertificate.a.key,
                "the certificate can't be used: the file does not hold a certificate in PEM"
            ),
            (
                TestCertificate.a.chain, TestCertificate.a.chain,
                "the private key can't be used: the file does not hold a private key without a password in PEM"
            ),
        ]
        for (chain, key, words) in cases {
            let error = #expect(throws: TLSError.self) { try Self.certificate(chain, key) }
            #expect(error?.description == words)
        }
        // Cut or bent anywhere, it is refused or read, and nothing else happens.
        let text = Array(TestCertificate.a.chain.utf8)
        for count in stride(from: 0, to: text.count, by: 7) {
            _ = try? TLSCertificate(chain: Array(text[..<count]), key: Array(TestCertificate.a.key.utf8))
            var bent = text
            bent[count] ^= 5
            _ = try? TLSCertificate(chain: bent, key: Array(TestCertificate.a.key.utf8))
        }
    }

    @Test func theNameThatAClientAsksForChoosesTheCertificate() throws {
        let context = try TLSPair.context([.a, .b])
        for (host, expected) in [("a.test", 0), ("b.test", 1), ("x.wild.test", 0)] {
            #expect(unsafe context.context(for: host) == context.contexts[expected])
            let pair = try TLSPair(context, host: host)
            pair.settle()
            #expect(pair.client.peerIsValid(for: host), "\(host)")
        }
        #expect(unsafe context.context(for: "c.test") == nil)
        let stranger = try TLSPair(context, host: "c.test")
        stranger.settle()
        #expect(stranger.client.peerIsValid(for: "a.test"))
    }
}
