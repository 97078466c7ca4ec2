// swift-tools-version: 6.2
import PackageDescription

// STRICT_WARNINGS=1 turns warnings into errors: CI sets it, a newer compiler's new warning must not stop an operator's build.
let strict = Context.environment["STRICT_WARNINGS"] == "1"
// ONLY_CLIENTS=1 leaves only the C clients and their tests: the thread sanitizer builds those alone, in a minute.
let onlyClients = Context.environment["ONLY_CLIENTS"] == "1"

let settings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ] + (strict ? [.treatAllWarnings(as: .error)] : [])

extension Target.Dependency {
    static let collections = product(name: "DequeModule", package: "swift-collections")
    static let heap = product(name: "HeapModule", package: "swift-collections")
    static let configuration = product(name: "Configuration", package: "swift-configuration")
    static let httpClient = product(name: "AsyncHTTPClient", package: "async-http-client")
    static let hummingbirdCore = product(name: "HummingbirdCore", package: "hummingbird")
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let argumentParser = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let lifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let unixSignals = product(name: "UnixSignals", package: "swift-service-lifecycle")
    static let logging = product(name: "Logging", package: "swift-log")
    static let metrics = product(name: "Metrics", package: "swift-metrics")
    static let coreMetrics = product(name: "CoreMetrics", package: "swift-metrics")
    static let nioHTTP1 = product(name: "NIOHTTP1", package: "swift-nio")
    static let nioHTTPTypes = product(name: "NIOHTTPTypes", package: "swift-nio-extras")
    static let nioCore = product(name: "NIOCore", package: "swift-nio")
    static let httpTypes = product(name: "HTTPTypes", package: "swift-http-types")
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let cryptoExtras = product(name: "CryptoExtras", package: "swift-crypto")
    static let jwtKit = product(name: "JWTKit", package: "jwt-kit")
    static let protobuf = product(name: "SwiftProtobuf", package: "swift-protobuf")
}

func shared(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = [], exclude: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Shared/\(name)", exclude: exclude, resources: resources, swiftSettings: settings)
}

func service(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Services/\(name)", resources: resources, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, path: "Tests/\(name)", resources: resources, swiftSettings: settings)
}

/// The C clients, what they stand on, and their tests.
let clients: [Target] = [
    .target(name: "CHiredis", path: "Shared/CHiredis", linkerSettings: [.linkedLibrary("hiredis")]),
    .target(name: "CLibPQ", path: "Shared/CLibPQ", linkerSettings: [.linkedLibrary("pq")]),
    shared("BlockingClient", [.collections]),
    shared("Models", []),
    shared("Oracle", ["Models"]),
    shared("JSONBytes", ["Models"]),
    shared("Wire", ["Models", .protobuf], exclude: ["playhead.proto"]),
    shared("Batching", ["BlockingClient", "Models", "Wire"]),
    shared("Spool", ["Batching", "BlockingClient", "Models", "Wire", .logging]),
    shared("EventStream", ["Batching", "BlockingClient", "CHiredis", "Models", "Wire", .logging, .metrics]),
    shared(
        "HistoryStore", ["BlockingClient", "CLibPQ", "Models", "Wire", .collections, .logging, .metrics],
        resources: [.embedInCode("Migrations")]),
    .target(
        name: "TestSupport", dependencies: ["EventStream", "HistoryStore", "Models", "Oracle", .logging], path: "Tests/TestSupport",
        swiftSettings: settings),
    tests("BlockingClientTests", ["BlockingClient", "Oracle"]),
    tests("BatchingTests", ["Batching", "BlockingClient", "Models", "TestSupport", "Wire"]),
    tests("SpoolTests", ["Batching", "BlockingClient", "Models", "Oracle", "Spool", "TestSupport", "Wire"]),
    tests("EventStreamTests", ["Batching", "BlockingClient", "EventStream", "Models", "TestSupport", "Wire"]),
    tests("HistoryStoreTests", ["BlockingClient", "HistoryStore", "Models", "Oracle", "TestSupport", "Wire"]),
]

let services: [Target] = [
    .target(name: "CSimdjson", path: "Shared/CSimdjson", linkerSettings: [.linkedLibrary("simdjson")]),
    shared(
        "ServiceKit",
        [
            .configuration, .hummingbird, .hummingbirdCore, .lifecycle, .unixSignals, .logging, .metrics, .coreMetrics, .nioCore,
            .nioHTTPTypes, .httpTypes,
        ]),
    shared("HistoryFormats", ["HistoryStore", "JSONBytes", "Models", "Wire"]),
    .target(name: "CZlib", path: "Shared/CZlib", linkerSettings: [.linkedLibrary("z")]),
    shared("Tokens", ["BlockingClient", "Models", .jwtKit, .logging]),
    shared(
        "PublicAPI",
        [
            "CZlib", "Models", "ServiceKit", "Tokens", .crypto, .httpTypes, .hummingbird, .hummingbirdCore, .lifecycle, .logging, .nioCore,
            .nioHTTP1,
        ], resources: [.embedInCode("openapi.yaml")]),
    service(
        "Edge",
        [
            "Batching", "BlockingClient", "CSimdjson", "EventStream", "HistoryStore", "Models", "PublicAPI", "ServiceKit", "Spool",
            "Tokens",
            .coreMetrics, .httpTypes,
            .hummingbird, .lifecycle, .logging, .metrics, .nioCore,
        ]),
    service(
        "Processor",
        ["BlockingClient", "EventStream", "HistoryStore", "Models", "ServiceKit", "Wire", .coreMetrics, .lifecycle, .logging, .metrics]),
    service("Compactor", ["EventStream", "HistoryStore", "Models", "ServiceKit", .coreMetrics, .lifecycle, .logging, .metrics]),
    service(
        "Query",
        [
            "BlockingClient", "EventStream", "HistoryFormats", "HistoryStore", "JSONBytes", "Models", "PublicAPI", "ServiceKit", "Tokens",
            .crypto, .httpTypes,
            .hummingbird, .hummingbirdCore, .lifecycle, .logging, .metrics, .nioCore,
        ], resources: [.embedInCode("Console")]),
    service(
        "Operator",
        [
            "Batching", "BlockingClient", "EventStream", "HistoryFormats", "HistoryStore", "JSONBytes", "Models", "Oracle", "ServiceKit",
            "Tokens", "Wire", .argumentParser, .heap,
            .httpClient, .logging, .nioCore, .nioHTTP1, .unixSignals,
        ]),
    .executableTarget(
        name: "BareHTTP", dependencies: [.hummingbird, .logging], path: "Benchmarks/BareHTTP", swiftSettings: settings),
    tests("ModelsTests", ["Models", "Oracle", "TestSupport"], resources: [.copy("Resources/session-fold.json")]),
    tests("WireTests", ["Models", "Oracle", "TestSupport", "Wire", .protobuf]),
    tests("ServiceKitTests", ["ServiceKit", .coreMetrics]),
    tests("TokensTests", ["Models", "TestSupport", "Tokens", .cryptoExtras, .jwtKit, .logging]),
    tests("PublicAPITests", ["CZlib", "PublicAPI", "ServiceKit", .httpTypes, .hummingbird, .nioCore]),
    tests("HistoryFormatsTests", ["HistoryFormats", "HistoryStore", "Models"]),
    tests("QueryTests", ["EventStream", "HistoryStore", "Models", "Query", "TestSupport"]),
    tests(
        "EdgeTests",
        [
            "Batching", "BlockingClient", "Edge", "EventStream", "Models", "Oracle", "ServiceKit", "Spool", "TestSupport", "Tokens", "Wire",
            .httpTypes, .logging, .nioCore,
        ]),
    tests("ProcessorTests", ["EventStream", "Models", "Oracle", "Processor", "ServiceKit", "TestSupport", .logging]),
    tests(
        "OperatorTests",
        [
            "EventStream", "HistoryStore", "JSONBytes", "Models", "Operator", "Oracle", "TestSupport", .argumentParser, .httpTypes,
            .hummingbird, .logging,
            .nioCore,
        ]),
    tests(
        "PipelineTests",
        [
            "Compactor", "Edge", "EventStream", "HistoryStore", "Models", "Operator", "Processor", "Query", "TestSupport", "Tokens", "Wire",
            .httpClient,
            .nioCore,
            .nioHTTP1,
        ]),
]

let package = Package(
    name: "playhead",
    platforms: [.macOS(.v15)],
    products: onlyClients
        ? []
        : [
            .executable(name: "playhead-edge", targets: ["Edge"]),
            .executable(name: "playhead-processor", targets: ["Processor"]),
            .executable(name: "playhead-compactor", targets: ["Compactor"]),
            .executable(name: "playhead-query", targets: ["Query"]),
            .executable(name: "playhead", targets: ["Operator"]),
            .executable(name: "bare-http", targets: ["BareHTTP"]),
        ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    ]
        + (onlyClients
            ? []
            : [
                .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
                .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
                .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
                .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
                .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
                .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
                .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
                .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
                .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
                .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
            ]),
    targets: clients + (onlyClients ? [] : services),
    cxxLanguageStandard: .cxx17
)
