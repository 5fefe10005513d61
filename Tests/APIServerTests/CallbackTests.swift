import SocketAPI
import Testing
import ToolAuthCore

@testable import APIServer

@Suite("The callback's URL")
struct CallbackTests {
    @Test("all parameters are read, the five of the specification apart")
    func whole() throws {
        let callback = try Callback(
            url: "http://localhost:8080/cb?x=1&code=a%2Fb+c&state=s%3D&iss=https%3A%2F%2Fexample.org"
                + "&error=access_denied&error_description=The+user+said+no&scope=a%20b#_=_")
        #expect(callback.state.reveal() == "s=")
        #expect(callback.code?.reveal() == "a/b c")
        #expect(callback.issuer == "https://example.org")
        #expect(callback.error == "access_denied")
        #expect(callback.errorDescription == "The user said no")
        #expect(callback.parameters == ["x": "1", "scope": "a b"])
    }

    @Test(
        "a parameter without a value is absent",
        arguments: ["/cb?state=s&code=&iss=&error=", "/cb?state=s&code&iss&error", "/cb?state=s", "?&state=s&"])
    func empty(_ url: String) throws {
        let callback = try Callback(url: url)
        #expect(callback.state.reveal() == "s")
        #expect(callback.code == nil)
        #expect(callback.issuer == nil)
        #expect(callback.error == nil)
        #expect(callback.parameters.isEmpty)
    }

    @Test(
        "is refused without a state, with a parameter twice, and where it does not decode",
        arguments: [
            "", "http://localhost/cb", "http://localhost/cb?", "/cb?code=c", "/cb?state=", "/cb#?state=s",
            "/cb?state=s&state=s", "/cb?state=s&code=c&code=d", "/cb?state=s&x=1&x=2", "/cb?state=s&c%6fde=c&code=d",
            "/cb?state=%zz", "/cb?state=s&x=%ff", "/cb?state=s&%=1",
        ])
    func refused(_ url: String) {
        let error = #expect(throws: ToolAuthError.self) { try Callback(url: url) }
        #expect(error?.code == .invalidCallback)
    }

    @Test("parameters sent apart are read as those of a URL")
    func apart() throws {
        let callback = try Callback(
            CallbackRequestBody(code: "c", state: "s", iss: "i", error: "e", errorDescription: "d"))
        #expect(callback.state.reveal() == "s")
        #expect(callback.code?.reveal() == "c")
        #expect(callback.issuer == "i")
        #expect(callback.error == "e")
        #expect(callback.errorDescription == "d")
        #expect(callback.parameters.isEmpty)
    }
}
