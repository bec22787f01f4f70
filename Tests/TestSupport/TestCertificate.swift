/// Self-signed certificates with their keys, for tests. They are valid until 2126, and nobody believes them.
public struct TestCertificate: Sendable {
    /// PEM.
    public let chain: String
    public let key: String

    /// For `a.test` and `*.wild.test`.
    public static let a = TestCertificate(
        chain: """
            -----BEGIN CERTIFICATE-----
            MIIBmjCCAT+gAwIBAgIUaUy/fG5Lq7bg1hA7BP1jR4sJa3EwCgYIKoZIzj0EAwIw
            ETEPMA0GA1UEAwwGYS50ZXN0MCAXDTI2MTEyNzE3MzMwMloYDzIxMjYxMTAzMTcz
            MzAyWjARMQ8wDQYDVQQDDAZhLnRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
            AAQr4zQm5A2dfTcrJDo+fJaYfHHDTclqabKmMk478SuefRkjlX+2iCsIgWG3jHvv
            13sg49+keNbNZ4NnmziiVqcGo3MwcTAdBgNVHQ4EFgQUQsFvpnb6DWdhLCdULM3G
            WRtxhz8wHwYDVR0jBBgwFoAUQsFvpnb6DWdhLCdULM3GWRtxhz8wDwYDVR0TAQH/
            BAUwAwEB/zAeBgNVHREEFzAVggZhLnRlc3SCCyoud2lsZC50ZXN0MAoGCCqGSM49
            BAMCA0kAMEYCIQDWWZSkiuivmAROfKuYm9N8s9PqXp5LV2g5wQDfVmgiWgIhALK0
            yGNViz+DRi0+RvBN0Fjcx+rns393SrQ+5OmLXoGU
            -----END CERTIFICATE-----
            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgaIcbmsIWt3kNksF3
            2zGQXVHgOaY3gl+oK4xGNYMVg0ihRANCAAQr4zQm5A2dfTcrJDo+fJaYfHHDTclq
            abKmMk478SuefRkjlX+2iCsIgWG3jHvv13sg49+keNbNZ4NnmziiVqcG
            -----END PRIVATE KEY-----
            """)

    /// For `b.test`.
    public static let b = TestCertificate(
        chain: """
            -----BEGIN CERTIFICATE-----
            MIIBjTCCATKgAwIBAgIUStOEj22aay9Mex+oM3ASy+zgRQwwCgYIKoZIzj0EAwIw
            ETEPMA0GA1UEAwwGYi50ZXN0MCAXDTI2MTEyNzE3MzMwMloYDzIxMjYxMTAzMTcz
            MzAyWjARMQ8wDQYDVQQDDAZiLnRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
            AASFrdEXoFvLOd1XbDSoQbCQmcmUllkN4XY/vMTNx6qVcVhwbjn+ibXvQqUnoVhB
            GOVed0nOzpaGUWSFCWLYJH4oo2YwZDAdBgNVHQ4EFgQUXyrQRwuOuADnPHb717jh
            R2TcFIYwHwYDVR0jBBgwFoAUXyrQRwuOuADnPHb717jhR2TcFIYwDwYDVR0TAQH/
            BAUwAwEB/zARBgNVHREECjAIggZiLnRlc3QwCgYIKoZIzj0EAwIDSQAwRgIhAPY+
            zib4iXrkPF3ptY0SfV+tBXtwBvBjMDV0DWawblqIAiEAsrgaiE39qB190Jx6pSSh
            W7PsO0d73sl9cf0WXZBCw0I=
            -----END CERTIFICATE-----
            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgm0GF7xMIBzuCKooO
            qoUtY5NN6vwRNIfMVBHRdDiM4E2hRANCAASFrdEXoFvLOd1XbDSoQbCQmcmUllkN
            4XY/vMTNx6qVcVhwbjn+ibXvQqUnoVhBGOVed0nOzpaGUWSFCWLYJH4o
            -----END PRIVATE KEY-----
            """)
}
