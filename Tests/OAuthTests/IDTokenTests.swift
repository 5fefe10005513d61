import OAuth
import Testing
import ToolAuthCore

private func isAccepted(_ claims: String, issuer: String? = "https://id.example") -> Bool {
    do throws(ToolAuthError) {
        try IDToken.check(Fixture.jwt(claims), nonce: Secret("n-1"), issuer: issuer, clientID: "client-1")
        return true
    } catch {
        #expect(error.code == .invalidCallback)
        return false
    }
}

@Suite("ID tokens")
struct IDTokenTests {
    @Test(
        "OpenID Connect Core §3.1.3.7: nonce, issuer and audience of this flow are accepted",
        arguments: [
            #"{"nonce":"n-1","iss":"https://id.example","aud":"client-1"}"#,
            #"{"nonce":"n-1","iss":"https://id.example","aud":["other","client-1"],"azp":"client-1"}"#,
        ])
    func accepted(claims: String) {
        #expect(isAccepted(claims))
    }

    @Test(
        "OpenID Connect Core §3.1.3.7: any other nonce, issuer, audience or party is refused",
        arguments: [
            #"{"iss":"https://id.example","aud":"client-1"}"#,
            #"{"nonce":"n-2","iss":"https://id.example","aud":"client-1"}"#,
            #"{"nonce":7,"iss":"https://id.example","aud":"client-1"}"#,
            #"{"nonce":"n-1","iss":"https://id.example/","aud":"client-1"}"#, #"{"nonce":"n-1","aud":"client-1"}"#,
            #"{"nonce":"n-1","iss":"https://id.example","aud":"client-2"}"#,
            #"{"nonce":"n-1","iss":"https://id.example","aud":[]}"#, #"{"nonce":"n-1","iss":"https://id.example"}"#,
            #"{"nonce":"n-1","iss":"https://id.example","aud":["client-1","b"],"azp":"b"}"#, "[]", "x",
        ])
    func refused(claims: String) {
        #expect(!isAccepted(claims))
    }

    @Test("without a configured issuer none is compared")
    func withoutIssuer() {
        #expect(isAccepted(#"{"nonce":"n-1","aud":"client-1"}"#, issuer: nil))
    }
}
