import OAuth
import Testing
import ToolAuthCore

@Suite("Random values and PKCE")
struct RandomTests {
    @Test("RFC 7636 appendix B: the challenge of its verifier")
    func appendixB() {
        let octets: [UInt8] = [
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105, 214, 191,
            240, 91, 88, 5, 88, 83, 132, 141, 121,
        ]
        let verifier = Base64.encodeURL(octets)
        #expect(verifier == "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        #expect(CodeChallenge.s256(of: Secret(verifier)) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    }

    @Test("RFC 7636 §4.1, §7.1: a verifier has 43 unreserved characters out of 256 random bits, fresh each time")
    func verifier() throws {
        let random = SystemRandomSource()
        let values = (0..<50).map { _ in random.unguessable().reveal() }
        #expect(Set(values).count == 50)
        for value in values {
            #expect(value.utf8.count == 43)
            #expect(Base64.decodeURL(value.utf8)?.count == 32)
        }
    }

    @Test("the random bytes reach the value unchanged")
    func injected() {
        #expect(Base64.decodeURL(CountingRandom().unguessable().reveal().utf8) == Array(0..<32))
        #expect(CountingRandom().identifier() == "000102030405060708090a0b0c0d0e0f")
    }

    @Test("the system's generator gives as many bytes as asked for")
    func system() {
        #expect(SystemRandomSource().bytes(0).isEmpty)
        #expect(SystemRandomSource().bytes(16).count == 16)
        #expect(SystemRandomSource().bytes(32) != SystemRandomSource().bytes(32))
    }
}
