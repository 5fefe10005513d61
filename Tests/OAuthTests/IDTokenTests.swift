import OAuth
import Testing
import ToolAuthCore

/// - Parameter claims: JSON; `iat` and `exp` of now are put in where they are not there.
private func isAccepted(
    _ claims: String, issuer: String? = "https://id.example", header: String = #"{"alg":"RS256"}"#
) -> Bool {
    let now = Fixture.now.millisecondsSinceEpoch / 1000
    var claims = claims
    for (name, value) in [("iat", now), ("exp", now + 60)] where claims.hasPrefix("{") && !claims.contains(name) {
        claims = "{\"\(name)\":\(value),\(claims.dropFirst())"
    }
    do throws(ToolAuthError) {
        try IDToken.check(
            Fixture.jwt(claims, header: header), nonce: Secret("n-1"), issuer: issuer, clientID: "client-1",
            now: Fixture.now)
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
            #"{"nonce":"n-1","iss":"https://id.example","aud":["client-1","b"]}"#,
        ])
    func refused(claims: String) {
        #expect(!isAccepted(claims))
    }

    @Test(
        "OpenID Connect Core §3.1.3.7: only algorithms that sign are taken, and none never",
        arguments: [
            (#"{"alg":"RS256"}"#, true), (#"{"alg":"ES384","kid":"1"}"#, true), (#"{"alg":"HS256"}"#, true),
            (#"{"alg":"EdDSA"}"#, true), (#"{"alg":"none"}"#, false), (#"{"alg":"None"}"#, false),
            (#"{"alg":""}"#, false), (#"{"alg":1}"#, false), ("{}", false), ("[]", false), ("x", false),
        ])
    func algorithms(header: String, isTaken: Bool) {
        #expect(isAccepted(#"{"nonce":"n-1","iss":"https://id.example","aud":"client-1"}"#, header: header) == isTaken)
    }

    @Test(
        "OpenID Connect Core §3.1.3.7: it must have its end ahead and its beginning behind, but for clocks that differ",
        arguments: [
            // Seconds from now; a clock may be off by ten minutes.
            ("\"iat\":0,\"exp\":60", true), ("\"iat\":-3600,\"exp\":-599", true), ("\"iat\":599,\"exp\":3600", true),
            ("\"iat\":-3600,\"exp\":-601", false), ("\"iat\":601,\"exp\":3600", false),
            ("\"iat\":0,\"exp\":null", false),
            ("\"iat\":\"0\",\"exp\":60", false),
        ])
    func times(times: String, isTaken: Bool) {
        let now = Fixture.now.millisecondsSinceEpoch / 1000
        let claims = times.split(separator: ",").map { pair in
            let parts = pair.split(separator: ":")
            return "\(parts[0]):\(Int64(parts[1]).map { "\(now + $0)" } ?? String(parts[1]))"
        }
        #expect(
            isAccepted(
                #"{"nonce":"n-1","iss":"https://id.example","aud":"client-1",\#(claims.joined(separator: ","))}"#)
                == isTaken)
    }

    @Test("Zoho: padding at the end of each part does not matter", arguments: ["=", "=="])
    func padded(padding: String) throws {
        let now = Fixture.now.millisecondsSinceEpoch / 1000
        let token = Fixture.jwt(#"{"nonce":"n-1","aud":"client-1","iat":\#(now),"exp":\#(now + 60)}"#)
            .split(separator: ".").map { $0 + padding }.joined(separator: ".")
        try IDToken.check(token, nonce: Secret("n-1"), issuer: nil, clientID: "client-1", now: Fixture.now)
    }

    @Test("without a configured issuer none is compared")
    func withoutIssuer() {
        #expect(isAccepted(#"{"nonce":"n-1","aud":"client-1"}"#, issuer: nil))
    }
}
