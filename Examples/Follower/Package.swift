// swift-tools-version:6.2
import PackageDescription

let package = Package(
    name: "follower",
    dependencies: [.package(name: "eventstreams", path: "../..")],
    targets: [
        .executableTarget(
            name: "follower", dependencies: [.product(name: "EventStreamsClient", package: "eventstreams")],
            path: "Sources", swiftSettings: [.swiftLanguageMode(.v6)])
    ]
)
