internal import HTTPServer

extension FuzzTarget {
    /// Any bytes are a header that stands in them whole, or the beginning of one, or none; what is whole or wrong stays so whatever
    /// comes behind it, and each beginning of what is whole is incomplete.
    static let proxyHeader = FuzzTarget("proxy-header") { input throws(FuzzFinding) in
        let reading = ProxyHeader.read(input)
        switch reading {
        case .whole(let length, _):
            try require(1...min(input.count, ProxyHeader.most) ~= length, "a header ends where there is something")
            try requireEqual(ProxyHeader.read(Array(input[..<length])), reading, "what is behind a header is no matter")
            for count in 0..<length {
                try requireEqual(
                    ProxyHeader.read(Array(input[..<count])), .incomplete, "a part of a header is incomplete")
            }
        case .wrong: try requireEqual(ProxyHeader.read(input + [0x0A]), .wrong, "what is wrong stays so")
        case .incomplete: try require(input.count < ProxyHeader.most, "nothing is incomplete for ever")
        }
    }
}
