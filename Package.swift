// swift-tools-version:6.2
import PackageDescription

// Every target is compiled alike: Swift 6 mode (the default of this tools version), and the upcoming features that make
// existentials, imports and isolation explicit.
let settings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ] + (Context.environment["TOOLAUTHD_WARNINGS_AS_ERRORS"] == "1" ? [.treatAllWarnings(as: .error)] : [])

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "toolauthd",
    products: [
        .library(name: "ToolAuthCore", targets: ["ToolAuthCore"]),
        // Users of the client name types of the other two.
        .library(name: "ToolAuthClient", targets: ["ToolAuthClient", "SocketAPI", "ToolAuthCore"]),
        // What a program with authentication types of its own is built on; they name types of the other.
        .library(name: "ToolAuthDaemon", targets: ["ToolAuthDaemon", "ToolAuthCore"]),
        .executable(name: "toolauthd", targets: ["toolauthd"]),
        .executable(name: "toolauthctl", targets: ["toolauthctl"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // System libraries, each behind one target.
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),

        // The domain and the pure parts.
        .target(name: "ToolAuthCore", swiftSettings: settings),
        .target(name: "OAuth", dependencies: ["ToolAuthCore", crypto], swiftSettings: settings),
        .target(
            name: "Providers",
            dependencies: ["OAuth", "ToolAuthCore", .product(name: "Yams", package: "Yams")],
            swiftSettings: settings),
        .target(name: "Refresh", dependencies: ["ToolAuthCore", logging], swiftSettings: settings),
        .target(name: "SocketAPI", dependencies: ["ToolAuthCore"], swiftSettings: settings),
        .target(name: "Telemetry", dependencies: ["ToolAuthCore", logging], swiftSettings: settings),

        // The edges that touch the world.
        .target(
            name: "CurlTransport", dependencies: ["CCurl", "ToolAuthCore"], swiftSettings: settings),
        .target(
            name: "SQLiteStore",
            dependencies: [
                "ToolAuthCore", crypto, .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: settings),
        .target(
            name: "Systemd", dependencies: ["CSystemd", "Telemetry", "ToolAuthCore", logging],
            swiftSettings: settings),
        .target(
            name: "APIServer",
            dependencies: [
                "SocketAPI", "Telemetry", "ToolAuthCore", logging, lifecycle,
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            resources: [.embedInCode("OpenAPI/openapi.json")],
            swiftSettings: settings),
        .target(name: "ToolAuthClient", dependencies: ["SocketAPI", "ToolAuthCore"], swiftSettings: settings),
        .target(
            name: "ToolAuthCLI", dependencies: ["SocketAPI", "ToolAuthClient", "ToolAuthCore", arguments],
            swiftSettings: settings),

        // Where everything is joined, and the two programs.
        .target(
            name: "ToolAuthDaemon",
            dependencies: [
                "APIServer", "CurlTransport", "OAuth", "Providers", "Refresh", "SQLiteStore", "SocketAPI", "Systemd",
                "Telemetry", "ToolAuthCore", arguments, logging, lifecycle,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),
        .executableTarget(name: "toolauthd", dependencies: ["ToolAuthDaemon"], swiftSettings: settings),
        .executableTarget(name: "toolauthctl", dependencies: ["ToolAuthCLI"], swiftSettings: settings),

        // Examples, which see of the libraries what others see.
        .executableTarget(
            name: "example-swift-client", dependencies: ["SocketAPI", "ToolAuthClient", "ToolAuthCore"],
            path: "Examples/SwiftClient", packageAccess: false, swiftSettings: settings),
        .executableTarget(
            name: "example-custom-tool", dependencies: ["ToolAuthCore", "ToolAuthDaemon", crypto],
            path: "Examples/CustomTool", exclude: ["config"], sources: ["AcmeAuthentication.swift", "Main.swift"],
            packageAccess: false, swiftSettings: settings),

        // Tests.
        .target(
            name: "TestSupport", dependencies: ["ToolAuthCore"], path: "Tests/Support/Swift",
            swiftSettings: settings),
        .target(
            name: "RefreshTestSupport", dependencies: ["Refresh", "ToolAuthCore"], path: "Tests/Support/RefreshDoubles",
            swiftSettings: settings),
        .target(
            name: "ScriptedSocket", dependencies: ["ToolAuthCore"], path: "Tests/Support/ScriptedSocket",
            swiftSettings: settings),
        .testTarget(name: "ToolAuthCoreTests", dependencies: ["ToolAuthCore"], swiftSettings: settings),
        .testTarget(
            name: "OAuthTests", dependencies: ["OAuth", "TestSupport", "ToolAuthCore"], swiftSettings: settings),
        .testTarget(
            name: "ProvidersTests", dependencies: ["OAuth", "Providers", "TestSupport", "ToolAuthCore"],
            swiftSettings: settings),
        .testTarget(
            name: "RefreshTests",
            dependencies: ["Refresh", "RefreshTestSupport", "TestSupport", "ToolAuthCore", logging],
            swiftSettings: settings),
        .testTarget(
            name: "RefreshSimulationTests", dependencies: ["Refresh", "ToolAuthCore"], swiftSettings: settings),
        .testTarget(
            name: "CurlTransportTests", dependencies: ["CCurl", "CurlTransport", "TestSupport", "ToolAuthCore"],
            swiftSettings: settings),
        .testTarget(
            name: "SQLiteStoreTests",
            dependencies: [
                "SQLiteStore", "TestSupport", "ToolAuthCore", crypto, .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "SystemdTests", dependencies: ["Systemd", "Telemetry", "TestSupport", "ToolAuthCore", logging],
            swiftSettings: settings),
        .testTarget(
            name: "APIServerTests",
            dependencies: [
                "APIServer", "SocketAPI", "Telemetry", "TestSupport", "ToolAuthCore", crypto, logging, lifecycle,
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "ToolAuthClientTests",
            dependencies: ["ScriptedSocket", "SocketAPI", "ToolAuthClient", "ToolAuthCore"],
            swiftSettings: settings),
        .testTarget(
            name: "ToolAuthCLITests",
            dependencies: ["ScriptedSocket", "SocketAPI", "ToolAuthCLI", "ToolAuthClient", "ToolAuthCore", arguments],
            swiftSettings: settings),
        .testTarget(
            name: "ToolAuthDaemonTests",
            dependencies: [
                "OAuth", "Providers", "Refresh", "RefreshTestSupport", "Systemd", "Telemetry", "TestSupport",
                "ToolAuthCLI", "ToolAuthCore", "ToolAuthDaemon", arguments, logging,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "SocketAPI", "TestSupport", "ToolAuthClient", "ToolAuthCore", "example-custom-tool",
                "example-swift-client",
                "toolauthctl", "toolauthd",
            ],
            swiftSettings: settings),
    ]
)

// TOOLAUTHD_FUZZ=1 builds the programs of Tests/Fuzz, the test targets of TOOLAUTHD_TESTS and what they need, and nothing else.
// Each program is linked with libFuzzer, and the project's own code tells it where it was.
var wanted = Context.environment["TOOLAUTHD_TESTS"]?.split(separator: ",").map(String.init)
// Those that touch C or concurrency.
if wanted == ["sanitized"] {
    wanted = ["CurlTransportTests", "SQLiteStoreTests", "RefreshTests", "APIServerTests"]
}
if Context.environment["TOOLAUTHD_FUZZ"] == "1" {
    let targets: [(name: String, dependencies: [Target.Dependency])] = [
        ("TokenReplies", ["OAuth", "ToolAuthCore"]),
        ("Callbacks", ["APIServer", "OAuth", "ToolAuthCore"]),
        ("Discovery", ["OAuth", "RequestChecks", "ToolAuthCore"]),
        (
            "APIBytes",
            [
                "APIDesk", "APIServer", "ToolAuthClient", logging,
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
            ]
        ),
        (
            "APIBodies",
            [
                "APIDesk", "APIServer", "OAuth", .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]
        ),
        ("EventStreams", ["SocketAPI", "ToolAuthClient"]),
        ("ProviderDocuments", ["ConfigurationFiles", "OAuth", "Providers", "RequestChecks", "ToolAuthCore"]),
        ("ToolDocuments", ["ConfigurationFiles", "Providers"]),
        ("SealedBlobs", ["SQLiteStore", "ToolAuthCore", crypto]),
        ("StoredRows", ["SQLiteStore", "ToolAuthCore", .product(name: "GRDB", package: "GRDB.swift")]),
    ]
    let instrumented = settings + [.unsafeFlags(["-sanitize=fuzzer,address"])]
    package.targets += [
        .systemLibrary(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
        .target(name: "FuzzSupport", dependencies: ["CFuzzer", "ToolAuthCore"], path: "Tests/Fuzz/Support"),
        .target(
            name: "APIDesk",
            dependencies: [
                "APIServer", "FuzzSupport", "OAuth", "SocketAPI", "Telemetry", "ToolAuthCore",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ], path: "Tests/Fuzz/APIDesk"),
        .target(
            name: "RequestChecks", dependencies: ["FuzzSupport", "OAuth"], path: "Tests/Fuzz/RequestChecks"),
        .target(
            name: "ConfigurationFiles", dependencies: ["FuzzSupport", "Providers", "ToolAuthCore"],
            path: "Tests/Fuzz/ConfigurationFiles"),
    ]
    for target in package.targets where target.type != .system && target.type != .test {
        target.swiftSettings = instrumented
    }
    // Debian's gold does not read what the compiler wrote.
    let linking = LinkerSetting.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])
    for target in package.targets where target.type == .test {
        target.linkerSettings = [.unsafeFlags(["-use-ld=lld"])]
    }
    for target in targets {
        package.targets.append(
            .executableTarget(
                name: "Fuzz\(target.name)", dependencies: ["FuzzSupport"] + target.dependencies,
                path: "Tests/Fuzz/Targets/\(target.name)", swiftSettings: instrumented, linkerSettings: [linking]))
    }
    wanted = (wanted ?? []) + targets.map { "Fuzz\($0.name)" }
}

// TOOLAUTHD_TESTS=CurlTransportTests,… (or `sanitized`) builds these test targets and what they need, and nothing else: for the builds
// with sanitizers, which would spend minutes on the rest.
if var open = wanted {
    var needed: Set<String> = []
    var packages: Set<String> = []
    while let name = open.popLast() {
        guard needed.insert(name).inserted, let target = package.targets.first(where: { $0.name == name }) else {
            continue
        }
        for dependency in target.dependencies {
            switch dependency {
            case .byNameItem(let name, _), .targetItem(let name, _): open.append(name)
            case .productItem(_, let package, _, _): packages.insert(package ?? "")
            @unknown default: break
            }
        }
    }
    package.targets.removeAll { !needed.contains($0.name) }
    package.products.removeAll()
    package.dependencies.removeAll { dependency in
        guard case .sourceControl(_, let location, _) = dependency.kind else { return false }
        return !packages.contains { location.hasSuffix("/" + $0) }
    }
}
