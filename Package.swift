// swift-tools-version:6.2
import PackageDescription

// Everything comes from the Swift toolchain and Debian's libraries: `script/setup` installs what is linked here.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// The release binary drops the run-time exclusivity checks; debug builds and tests keep them.
let release: [SwiftSetting] = [
    .unsafeFlags(["-enforce-exclusivity=unchecked", "-cross-module-optimization"], .when(configuration: .release))
]

func module(_ name: String, _ dependencies: [Target.Dependency] = [], linked: [LinkerSetting] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict + release, linkerSettings: linked)
}

func door(_ name: String, library: String) -> Target {
    .systemLibrary(name: name, path: "Sources/\(name)", pkgConfig: library)
}

func tests(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], resources: [Resource] = []
) -> Target {
    .testTarget(
        name: name, dependencies: dependencies + ["TestSupport"], exclude: exclude, resources: resources,
        swiftSettings: strict)
}

let package = Package(
    name: "eventstreams",
    products: [.library(name: "FuzzTargets", targets: ["FuzzTargets"])],
    targets: [
        // Doors to C: each is imported by one Swift target.
        .target(name: "CLinux"),
        door("CSQLite", library: "sqlite3"),
        door("CRdKafka", library: "rdkafka"),
        door("CZlib", library: "zlib"),
        door("CISAL", library: "libisal"),
        door("CYAML", library: "yaml-0.1"),
        door("CCurl", library: "libcurl"),
        door("CNghttp2", library: "libnghttp2"),

        // What tests have in common.
        module("TestSupport"),

        // Values and formats.
        module("JSON"),
        module("EventLog"),
        module("ServerSentEvents", ["EventLog", "JSON"]),

        // The core: pure state machines.
        module("Compression", ["CISAL", "CZlib"]),
        module("Streaming", ["Compression", "EventLog", "ServerSentEvents"]),

        // The logs.
        module("EmbeddedLog", ["EventLog", "CSQLite"]),
        module("KafkaLog", ["EventLog", "JSON", "CRdKafka"]),
        module("EventLogTestKit", ["EventLog", "TestSupport"]),

        // The server.
        module("Reactor", ["CLinux"]),
        module("HTTP2", ["CNghttp2"]),
        module("HTTPServer", ["Reactor"]),
        module("Telemetry"),
        module("Configuration", ["CYAML"]),
        module(
            "Service",
            [
                "EventLog", "JSON", "ServerSentEvents", "Streaming", "EmbeddedLog", "HTTPServer", "Reactor",
                "Telemetry", "Configuration",
            ]),

        // Invented events for trying the service out.
        module("Demo", ["JSON"]),

        // The command line's clients.
        module("HTTPClient", ["CCurl"]),
        module("Clients", ["Compression", "EventLog", "HTTP2", "HTTPClient", "JSON", "Reactor", "ServerSentEvents"]),
        .executableTarget(
            name: "eventstreams",
            dependencies: [
                "Clients", "Configuration", "Demo", "EmbeddedLog", "EventLog", "HTTPClient", "JSON", "KafkaLog",
                "Reactor",
                "ServerSentEvents", "Service", "Streaming", "Telemetry",
            ],
            swiftSettings: strict + release),

        // Tests.
        tests("JSONTests", ["JSON"]),
        tests("EventLogTests", ["EventLog", "EventLogTestKit"]),
        tests("ServerSentEventsTests", ["ServerSentEvents", "JSON", "EventLog"]),
        tests(
            "StreamingTests", ["Streaming", "Compression", "ServerSentEvents", "EventLog", "EventLogTestKit", "JSON"]),
        tests("EmbeddedLogTests", ["EmbeddedLog", "EventLog", "EventLogTestKit", "log-writer"]),
        tests("KafkaLogTests", ["KafkaLog", "EventLog", "EventLogTestKit", "CRdKafkaMock"]),
        .systemLibrary(name: "CRdKafkaMock", path: "Tests/CRdKafkaMock", pkgConfig: "rdkafka"),
        tests("ReactorTests", ["Reactor"]),
        tests("HTTPServerTests", ["HTTPServer", "Reactor"]),
        tests("TelemetryTests", ["Telemetry"]),
        tests("ConfigurationTests", ["Configuration"], exclude: ["Goldens"]),
        tests(
            "ServiceTests",
            [
                "Service", "Configuration", "EventLog", "EventLogTestKit", "HTTPClient", "HTTPServer", "JSON",
                "Reactor", "ServerSentEvents", "Streaming",
            ],
            resources: [.copy("Golden")]),
        tests("DemoTests", ["Demo", "JSON"]),
        tests("CompressionTests", ["Compression"]),
        tests(
            "ClientsTests",
            [
                "Clients", "CNghttp2", "Compression", "EventLog", "HTTP2", "HTTPClient", "JSON", "Reactor",
                "ServerSentEvents",
            ]),
        .target(
            name: "FuzzTargets",
            dependencies: [
                "Compression", "Configuration", "EventLog", "HTTP2", "HTTPServer", "JSON", "ServerSentEvents",
                "Service",
            ],
            path: "Fuzz/Targets",
            swiftSettings: strict),
        tests("FuzzTests", ["FuzzTargets"]),
        .executableTarget(
            name: "log-writer", dependencies: ["EmbeddedLog", "EventLog"], path: "Tests/LogWriter",
            swiftSettings: strict),
        .executableTarget(
            name: "simulate", dependencies: ["Streaming", "Compression", "ServerSentEvents", "EventLog", "JSON"],
            path: "Tests/Simulation", swiftSettings: strict),
    ]
)
