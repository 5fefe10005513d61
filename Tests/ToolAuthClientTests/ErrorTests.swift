import Glibc
import SocketAPI
import Testing

@testable import ToolAuthClient

@Suite("Errors in words")
struct ErrorTests {
    @Test(
        "an error says what is wrong, where, and what to do",
        arguments: [
            (
                ToolAuthClientError.unreachable(
                    path: "/run/toolauthd/api.sock", errno: ECONNREFUSED, advice: "systemctl start toolauthd"),
                "toolauthd is not running at /run/toolauthd/api.sock (connection refused): systemctl start toolauthd"
            ),
            (
                .unreachable(path: "/x", errno: ENOENT, advice: "a"),
                "toolauthd is not running at /x (no such socket): a"
            ),
            (.unreachable(path: "/x", errno: EACCES, advice: "a"), "no permission to speak to toolauthd at /x: a"),
            (
                .unreachable(path: "/x", errno: ECONNRESET, advice: "a"),
                "toolauthd at /x closed the connection without a whole answer: a"
            ),
            (
                .unreachable(path: "/x", errno: ENAMETOOLONG, advice: "a"),
                "cannot speak to toolauthd at /x (File name too long): a"
            ),
            (.protocolViolation("d"), "d"),
            (.timedOut, "toolauthd did not answer in time: systemctl status toolauthd shows how it is"),
            (.cancelled, "the call was cancelled"),
            (.problem(ProblemBody(type: "t", title: "T", status: 404, detail: "D")), "D"),
            (.problem(ProblemBody(type: "t", title: "T", status: 404, detail: "")), "T"),
        ])
    func description(_ error: ToolAuthClientError, _ expected: String) {
        #expect(error.description == expected)
    }
}
