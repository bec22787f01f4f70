// swift-tools-version:6.2
import PackageDescription

// A package of its own, because its one executable has libFuzzer's `main`. `script/fuzz` builds it.

let package = Package(
    name: "fuzz",
    dependencies: [.package(name: "eventstreams", path: "..")],
    targets: [
        .executableTarget(
            name: "fuzz",
            dependencies: [.product(name: "FuzzTargets", package: "eventstreams")],
            path: "Runner",
            swiftSettings: [
                .swiftLanguageMode(.v6), .strictMemorySafety(), .unsafeFlags(["-parse-as-library"]),
            ])
    ]
)
