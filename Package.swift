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

/// What every module may use.
let ground: [Target.Dependency] = ["Bytes", "System", "Time"]

/// A module in its group's folder of `Sources`.
func module(_ name: String, in group: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(
        name: name, dependencies: (group == "Ground" ? [] : ground) + dependencies, path: "Sources/\(group)/\(name)",
        swiftSettings: strict + release)
}

func door(_ name: String, library: String) -> Target {
    .systemLibrary(name: name, path: "Sources/Doors/\(name)", pkgConfig: library)
}

func tests(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], resources: [Resource] = []
) -> Target {
    .testTarget(
        name: name, dependencies: dependencies + ground + ["TestSupport"], exclude: exclude,
        resources: resources,
        swiftSettings: strict)
}

let package = Package(
    name: "eventstreams",
    products: [
        .library(name: "EventStreamsClient", targets: ["EventStreamsClient"]),
        .library(name: "FuzzTargets", targets: ["FuzzTargets"]),
    ],
    targets: [
        // The groups stand in the order in which data passes them, and a module imports only what stands before it:
        // `script/test tree` looks.

        // Doors to C: each is imported by one Swift module.
        .target(name: "CLinux", path: "Sources/Doors/CLinux"),
        door("CSQLite", library: "sqlite3"),
        door("CRdKafka", library: "rdkafka"),
        door("CZlib", library: "zlib"),
        door("CISAL", library: "libisal"),
        door("CYAML", library: "yaml-0.1"),
        door("CCurl", library: "libcurl"),
        door("CNghttp2", library: "libnghttp2"),
        door("COpenSSL", library: "openssl"),
        .target(name: "CBytes", path: "Sources/Doors/CBytes"),
        // RE2 speaks C++: a shim of our own stands before it.
        .target(
            name: "CRE2", path: "Sources/Doors/CRE2", linkerSettings: [.linkedLibrary("re2")]),

        // Ground: what every module may use.
        module("Bytes", in: "Ground"),
        module("Time", in: "Ground", ["Bytes"]),
        module("System", in: "Ground", ["Bytes"]),
        module("JSON", in: "Ground", ["Bytes", "CBytes"]),
        module("YAML", in: "Ground", ["CYAML", "JSON"]),
        module("Patterns", in: "Ground", ["CRE2"]),

        // Log: where records are kept.
        module("EventLog", in: "Log"),
        module("EmbeddedLog", in: "Log", ["CISAL", "CLinux", "CSQLite", "EventLog"]),
        module("KafkaLog", in: "Log", ["CRdKafka", "EventLog", "JSON"]),
        module("EventLogTestKit", in: "Log", ["EventLog", "TestSupport"]),

        // Events: what a record holds.
        module("Events", in: "Events", ["EventLog", "JSON"]),
        module("EventFilter", in: "Events", ["Events", "JSON", "Patterns"]),
        module("JSONSchema", in: "Events", ["JSON", "Patterns"]),
        module("Redaction", in: "Events", ["JSON"]),
        // Repositories of schemas: read, put together, checked and compared.
        module("Schemas", in: "Events", ["JSON", "JSONSchema", "YAML"]),

        // Wire: what travels, as bytes; no I/O.
        module("EventFormats", in: "Wire", ["EventLog", "JSON"]),
        module("Compression", in: "Wire", ["CISAL", "CZlib"]),
        module("HTTP", in: "Wire", ["JSON"]),
        module("HTTP2", in: "Wire", ["CNghttp2"]),
        module("TLS", in: "Wire", ["COpenSSL"]),

        // Network: sockets and the loops that serve them.
        module("Reactor", in: "Network", ["CLinux"]),
        module("HTTPServer", in: "Network", ["HTTP", "HTTP2", "Reactor", "TLS"]),
        module("HTTPClient", in: "Network", ["CCurl"]),
        // What programs follow streams and send events with.
        module("EventStreamsClient", in: "Network", ["Compression", "EventFormats", "HTTPClient", "JSON"]),

        // Core: pure state machines.
        module("Streaming", in: "Core", ["Compression", "EventFilter", "EventFormats", "EventLog", "Events", "JSON"]),
        // Asks the log for the core, which does no I/O itself.
        module("History", in: "Core", ["EventFilter", "EventFormats", "EventLog", "Streaming"]),

        // Service: the core, served.
        // Schemas in memory, fetched and kept new.
        module("SchemaLibrary", in: "Service", ["HTTPClient", "JSON", "JSONSchema", "Schemas"]),
        module("Catalogue", in: "Service", ["EventLog", "JSON", "Patterns", "Redaction", "YAML"]),
        module("Intake", in: "Service", ["Catalogue", "Compression", "EventLog", "Events", "JSON", "JSONSchema"]),
        module("Admission", in: "Service", ["HTTP", "JSON"]),
        // Events that show that streams are alive: made, sent and waited for.
        module(
            "Canaries", in: "Service",
            ["Catalogue", "EventLog", "HTTPClient", "Intake", "JSON", "SchemaLibrary", "Schemas"]),
        // Who consumes what.
        module("Consumption", in: "Service"),
        // How streams are doing, now and in the last day.
        module("Status", in: "Service", ["Compression", "EventLog"]),
        module(
            "Live", in: "Service",
            [
                "Admission", "Catalogue", "EventFormats", "EventLog", "Events", "History", "JSON", "Redaction",
                "Streaming",
            ]),
        module(
            "Endpoints", in: "Service",
            [
                "Admission", "Catalogue", "Compression", "Consumption", "EventFilter", "EventFormats", "EventLog",
                "History", "HTTP",
                "Intake",
                "JSON", "JSONSchema",
                "Live", "SchemaLibrary", "Schemas", "Status",
            ]),
        module(
            "Server", in: "Service",
            [
                "Admission", "Canaries", "Catalogue", "Consumption", "Endpoints", "EventFilter", "EventFormats",
                "EventLog", "History",
                "HTTP",
                "HTTP2", "HTTPServer",
                "Intake", "JSON", "JSONSchema", "Live", "Reactor", "Redaction", "SchemaLibrary", "Schemas", "Status",
                "Streaming",
                "TLS",
            ]),

        // Program: the command line.
        module(
            "Configuration", in: "Program",
            [
                "Admission", "EmbeddedLog", "Endpoints", "HTTP2", "HTTPServer", "History", "Intake", "KafkaLog",
                "SchemaLibrary",
                "Server", "Streaming", "YAML",
            ]),
        module("Telemetry", in: "Program"),
        module("Demo", in: "Program", ["JSON"]),
        module(
            "Clients", in: "Program",
            [
                "Compression", "EventFilter", "EventLog", "EventStreamsClient", "Events", "HTTPClient", "JSON",
                "JSONSchema", "Schemas", "YAML",
            ]),
        module(
            "Load", in: "Program",
            [
                "Clients", "Compression", "EventFormats", "EventLog", "HTTP2", "HTTPClient", "JSON", "Reactor", "TLS",
            ]),
        .executableTarget(
            name: "eventstreams",
            dependencies: ground + [
                "Clients", "Configuration", "Demo", "EmbeddedLog", "EventFilter", "EventFormats", "EventLog",
                "EventStreamsClient", "HTTP", "HTTPClient",
                "HTTPServer", "History", "JSON", "KafkaLog", "Load", "Reactor", "Server", "Streaming", "Telemetry",
                "Admission", "Catalogue", "Consumption", "Endpoints", "Intake", "Live", "Redaction", "SchemaLibrary",
                "Schemas",
                "TLS", "YAML",
            ],
            path: "Sources/Program/eventstreams", swiftSettings: strict + release),

        // What reading an event costs; `script/benchmark --only scan` runs it.
        .executableTarget(
            name: "scan", dependencies: ["EventLog", "Events", "JSON", "System"], path: "Benchmarks/scan",
            exclude: ["floor.c"],
            swiftSettings: strict + release),

        // What filters cost an event; `script/benchmark --only filter` runs it.
        .executableTarget(
            name: "filter", dependencies: ["EventFilter", "Events", "JSON", "System"], path: "Benchmarks/filter",
            swiftSettings: strict + release),

        // What validating costs an event; `script/benchmark --only schema` runs it.
        .executableTarget(
            name: "schema", dependencies: ["JSON", "JSONSchema", "System"], path: "Benchmarks/schema",
            swiftSettings: strict + release),

        // Tests.
        .target(
            name: "TestSupport", dependencies: ["JSON", "System"], path: "Tests/TestSupport", swiftSettings: strict),
        tests("BytesTests", []),
        tests("JSONTests", ["JSON"]),
        tests("EventLogTests", ["EventLog", "EventLogTestKit"]),
        tests("EventsTests", ["Events", "EventLog", "JSON"]),
        tests("EventFilterTests", ["EventFilter", "EventLog", "Events", "JSON"]),
        tests("SchemasTests", ["Demo", "JSON", "JSONSchema", "Schemas", "YAML"]),
        tests("JSONSchemaTests", ["JSONSchema", "JSON", "YAML"]),
        tests("EventFormatsTests", ["EventFormats", "Events", "JSON", "EventLog"]),
        tests(
            "StreamingTests",
            [
                "Streaming", "Compression", "EventFilter", "EventFormats", "EventLog", "EventLogTestKit", "Events",
                "JSON", "CMalloc",
            ]),
        .systemLibrary(name: "CMalloc", path: "Tests/CMalloc"),
        tests(
            "HistoryTests",
            ["History", "EventFilter", "EventFormats", "EventLog", "EventLogTestKit", "Events", "JSON", "Streaming"]),
        tests(
            "EmbeddedLogTests", ["CSQLite", "EmbeddedLog", "EventLog", "EventLogTestKit", "log-writer"],
            exclude: ["Fixtures"]),
        tests("KafkaLogTests", ["KafkaLog", "EventLog", "EventLogTestKit", "CRdKafkaMock"]),
        .systemLibrary(name: "CRdKafkaMock", path: "Tests/CRdKafkaMock", pkgConfig: "rdkafka"),
        tests("ReactorTests", ["Reactor"]),
        tests("HTTPTests", ["HTTP", "JSON"]),
        tests("HTTPServerTests", ["HTTP", "HTTP2", "HTTPServer", "Reactor", "TLS"]),
        tests("HTTP2Tests", ["HTTP2"]),
        tests("TLSTests", ["COpenSSL", "TLS"]),
        tests("TelemetryTests", ["Telemetry"]),
        tests(
            "ConfigurationTests", ["Configuration", "EmbeddedLog", "KafkaLog", "Server", "Streaming", "YAML"],
            exclude: ["Goldens"]),
        tests(
            "ServiceTests",
            [
                "Admission", "Canaries", "Catalogue", "Consumption", "Endpoints", "Intake", "Live", "Redaction",
                "Server", "TLS",
                "YAML",
                "Compression",
                "Configuration", "EventFilter", "EventLog", "EventLogTestKit", "Events", "History", "HTTP",
                "HTTPClient",
                "HTTPServer", "JSON", "JSONSchema",
                "Reactor", "EventFormats", "SchemaLibrary", "Schemas", "Status", "Streaming",
            ],
            resources: [.copy("Golden")]),
        tests("DemoTests", ["Demo", "JSON"]),
        tests("CompressionTests", ["Compression"]),
        tests(
            "ClientsTests",
            [
                "CNghttp2", "Clients", "Compression", "EventFormats", "EventLog", "EventStreamsClient", "HTTP2",
                "HTTPClient", "JSON", "Load",
                "Reactor", "Schemas",
            ]),
        .target(
            name: "FuzzTargets",
            dependencies: ground + [
                "TestSupport", "Compression", "Configuration", "EventFilter", "EventLog", "Events", "History", "HTTP",
                "HTTP2",
                "HTTPServer", "JSON", "JSONSchema",
                "EventFormats", "Admission", "Catalogue", "Endpoints", "Intake", "Live", "Redaction", "Schemas",
                "Server", "Status", "YAML",
            ],
            path: "Fuzz/Targets",
            swiftSettings: strict),
        tests("FuzzTests", ["FuzzTargets"]),
        .executableTarget(
            name: "log-writer", dependencies: ["EmbeddedLog", "EventLog"], path: "Tests/LogWriter",
            swiftSettings: strict),
        .executableTarget(
            name: "simulate",
            dependencies: ground + [
                "Compression", "EventFilter", "EventFormats", "EventLog", "History", "JSON", "Streaming",
            ], path: "Tests/Simulation", swiftSettings: strict),
    ],
    cxxLanguageStandard: .cxx17
)
