import FoundationEssentials

/// An authorization server in a process of its own: `Tests/Support/provider`, whose README lists its switches, failures
/// and counters. It ends with the last reference to this object.
package final class ProviderProcess: Sendable {
    package enum Behaviour: String, Sendable { case generic, google, slack, github, microsoft }

    /// A failure to order; README.md of the provider says what each does and which members it has.
    package enum Failure: String, Sendable {
        case latency, silence, close, reset, html, empty, array, big, error, redirect, member, status
        case halfReply = "half_reply"
        case contentType = "content_type"
        case brokenJSON = "broken_json"
    }

    package struct ControlError: Error, CustomStringConvertible {
        package let description: String
    }

    package let info: ProviderInfo
    private let process: ChildProcess
    private let controlPort: UInt16
    private let controlPath: String

    /// Starts one, and returns once it listens.
    ///
    /// - Parameter arguments: further options, such as `["--http", "--set", "lifetime=2"]`.
    /// - Throws: ``ControlError`` with what it printed, if it does not start.
    package init(_ behaviour: Behaviour = .generic, _ arguments: [String] = []) async throws {
        let program = "\(repositoryRoot)/Tests/Support/provider"
        let process = try ChildProcess("python3", [program, "--behaviour", behaviour.rawValue] + arguments)
        _ = await eventually { process.standardOutput.hasSuffix("\n") || process.exit != nil }
        guard let info = try? JSONDecoder().decode(ProviderInfo.self, from: Data(process.standardOutput.utf8)) else {
            await process.end()
            throw ControlError(description: "the provider did not start: \(process.standardError)")
        }
        // http://127.0.0.1:PORT/PATH
        let parts = info.control.split(separator: "/", maxSplits: 2)
        guard parts.count == 3, let port = parts[1].split(separator: ":").last.flatMap({ UInt16($0) }) else {
            throw ControlError(description: "no control URL: \(info.control)")
        }
        self.process = process
        self.info = info
        controlPort = port
        controlPath = "/\(parts[2])"
    }

    /// Ends it, and waits until it has ended.
    package func end() async {
        await process.end()
    }

    // MARK: Control

    /// Sets switches, all of them or none.
    package func set(_ switches: [String: ControlValue]) async throws {
        _ = try await control("PATCH", "switches", .object(switches))
    }

    /// Orders a failure: of the next token request, unless `members` says otherwise, as in
    /// `fail(.status, ["status": 429, "retry_after": 5, "user": "alice", "count": nil])`.
    package func fail(_ failure: Failure, _ members: [String: ControlValue] = [:]) async throws {
        var rule = members
        rule["kind"] = .string(failure.rawValue)
        _ = try await control("POST", "failures", .object(rule))
    }

    package func counters() async throws -> ProviderCounters {
        try await decode("GET", "counters")
    }

    /// The requests seen at an endpoint, oldest first.
    package func requests(at endpoint: String = "token") async throws -> [ProviderRequest] {
        try await decode("GET", "requests?endpoint=\(endpoint)")
    }

    /// Opens an authorization URL as the browser of `user` would, who consents.
    ///
    /// - Returns: where the browser is sent.
    /// - Throws: ``ControlError`` with the page that is shown, if it is sent nowhere.
    package func consent(to url: String, as user: String = "alice") async throws -> String {
        struct Answer: Decodable {
            let location: String?
            let page: String?
        }
        let answer: Answer = try await decode("POST", "consent", ["url": .string(url), "user": .string(user)])
        guard let location = answer.location else { throw ControlError(description: answer.page ?? "an empty page") }
        return location
    }

    /// Makes a grant without a flow.
    ///
    /// - Parameter expiresIn: seconds, instead of the switch `lifetime`.
    package func grant(
        to user: String, scope: String = "read", expiresIn: Int? = nil
    ) async throws -> ProviderGrant {
        var members: [String: ControlValue] = ["user": .string(user), "scope": .string(scope)]
        if let expiresIn { members["expires_in"] = .integer(expiresIn) }
        return try await decode("POST", "grants", .object(members))
    }

    /// Ends every grant of a user.
    package func killGrants(of user: String) async throws {
        _ = try await control("POST", "grants/kill", ["user": .string(user)])
    }

    /// Refuses connections, or takes them again on the same port.
    package func listen(_ listening: Bool) async throws {
        _ = try await control("POST", "listening", ["listening": .bool(listening)])
    }

    /// Makes everything as it was at the start.
    package func reset() async throws {
        _ = try await control("POST", "reset")
    }

    /// Any control request.
    package func control(_ method: String, _ path: String, _ body: ControlValue? = nil) async throws -> [UInt8] {
        let bytes = try body.map { Array(try JSONEncoder().encode($0)) } ?? []
        let reply = try await LoopbackHTTP.send(
            method, port: controlPort, target: "\(controlPath)/\(path)", body: bytes)
        guard reply.status == 200 else { throw ControlError(description: "\(method) \(path): \(reply.text)") }
        return reply.body
    }

    private func decode<Value: Decodable>(
        _ method: String, _ path: String, _ body: ControlValue? = nil
    ) async throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(try await control(method, path, body)))
    }
}
