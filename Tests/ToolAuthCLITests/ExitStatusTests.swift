import Glibc
import SocketAPI
import Testing
import ToolAuthClient

@testable import ToolAuthCLI

// Testing has one of its own.
private typealias ExitStatus = ToolAuthCLI.ExitStatus

@Suite("Exit status")
struct ExitStatusTests {
    @Test(
        "each type of problem has its exit status",
        arguments: [
            ("invalid-request", 400, ExitStatus.usage), ("invalid-callback", 400, .usage),
            ("forbidden", 403, .forbidden),
            ("unknown-tool", 404, .unknown), ("unknown-authorization", 404, .unknown), ("not-connected", 404, .unknown),
            ("unknown-key", 404, .unknown), ("key-in-use", 409, .usage), ("keys-read-only", 409, .configuration),
            ("not-found", 404, .unknown), ("method-not-allowed", 405, .usage),
            ("reauthorization-required", 409, .reauthorizationRequired), ("no-authorization-needed", 409, .usage),
            ("generation-mismatch", 412, .transient), ("too-large", 413, .usage), ("too-large", 431, .usage),
            ("unsupported-media-type", 415, .usage), ("provider-error", 422, .transient),
            ("invalid-configuration", 422, .configuration), ("rate-limited", 429, .transient),
            ("refresh-too-soon", 429, .transient), ("internal-error", 500, .transient),
            ("provider-unreachable", 502, .transient), ("tool-paused", 503, .transient),
            ("tool-unavailable", 503, .configuration), ("store-unavailable", 503, .transient),
            ("held", 503, .transient),
            ("refresh-pending", 504, .transient), ("from-the-future", 418, .usage),
            ("from-the-future", 403, .forbidden),
            ("from-the-future", 404, .unknown), ("from-the-future", 429, .transient),
            ("from-the-future", 599, .transient),
        ])
    fileprivate func problems(_ code: String, _ status: Int, _ expected: ExitStatus) {
        #expect(
            ExitStatus(ProblemBody(type: "urn:toolauthd:\(code)", title: "", status: status, detail: "")) == expected)
    }

    @Test(
        "a provider that refuses the client is a matter of configuration",
        arguments: [
            ("invalid_client", ExitStatus.configuration), ("unauthorized_client", .configuration),
            ("invalid_grant", .transient),
        ])
    fileprivate func providerErrors(_ error: String, _ expected: ExitStatus) {
        let problem = ProblemBody(
            type: "urn:toolauthd:provider-error", title: "", status: 422, detail: "", error: error)
        #expect(ExitStatus(problem) == expected)
    }

    @Test(
        "each failure to speak to the daemon has its exit status",
        arguments: [
            (ToolAuthClientError.unreachable(path: "", errno: ENOENT, advice: ""), ExitStatus.unreachable),
            (.unreachable(path: "", errno: ECONNREFUSED, advice: ""), .unreachable),
            (.unreachable(path: "", errno: EACCES, advice: ""), .forbidden), (.protocolViolation(""), .unreachable),
            (.timedOut, .transient), (.cancelled, .transient),
        ])
    fileprivate func failures(_ error: ToolAuthClientError, _ expected: ExitStatus) {
        #expect(ExitStatus(error) == expected)
    }

    @Test("the numbers are those that scripts rely on")
    func numbers() {
        #expect(ExitStatus.allCases.map(\.rawValue) == [0, 64, 66, 69, 74, 75, 77, 78, 80])
    }
}
