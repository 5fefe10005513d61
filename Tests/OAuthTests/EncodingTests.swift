import OAuth
import Testing
import ToolAuthCore

@Suite("Encodings")
struct EncodingTests {
    @Test("RFC 6749 appendix B: the example is encoded as given there")
    func appendixB() {
        #expect(FormURLEncoding.encode(" %&+£€") == "+%25%26%2B%C2%A3%E2%82%AC")
    }

    @Test(
        "a form value is encoded byte by byte",
        arguments: [
            ("", ""), ("abcXYZ019-._~", "abcXYZ019-._~"), ("a b", "a+b"), ("*/=?:@", "%2A%2F%3D%3F%3A%40"),
            ("\u{0}\r\n", "%00%0D%0A"), ("jos\u{e9}", "jos%C3%A9"), ("jose\u{301}", "jose%CC%81"),
        ])
    func formEncoding(text: String, encoded: String) {
        #expect(FormURLEncoding.encode(text) == encoded)
    }

    @Test(
        "a form is decoded in order, repeated and valueless names included",
        arguments: [
            ("", ""), ("a=1&b=2", "a=1;b=2"), ("a=1&a=2", "a=1;a=2"), ("a", "a="), ("a=", "a="), ("=1", "=1"),
            ("&&a=1&", "a=1"), ("a=x+y%20z", "a=x y z"), ("a=1=2", "a=1=2"), ("%61=%C3%A9", "a=é"), ("a=%2B", "a=+"),
        ])
    func formDecoding(text: String, pairs: String) {
        let decoded = FormURLEncoding.decode(Array(text.utf8))?.map { "\($0.name)=\($0.value)" }
        #expect(decoded?.joined(separator: ";") == pairs)
    }

    @Test(
        "a form with a broken escape or bytes that are not UTF-8 is refused",
        arguments: ["a=%", "a=%4", "a=%4g", "%zz=1", "a=%ff", "a=%C3"])
    func brokenForms(text: String) {
        #expect(FormURLEncoding.decode(Array(text.utf8)) == nil)
    }

    @Test("what is form-encoded decodes to itself")
    func roundTrip() {
        let pairs = [(name: "a b", value: Secret("x&y=z+%é\u{1F600}")), (name: "c", value: Secret(""))]
        let decoded = FormURLEncoding.encode(pairs).withUnsafeBytes { FormURLEncoding.decode($0) }
        #expect(decoded?.map(\.name) == ["a b", "c"])
        #expect(decoded?.map(\.value) == ["x&y=z+%é\u{1F600}", ""])
    }

    @Test("percent-encoding writes a space as %20 and leaves only unreserved characters")
    func percent() {
        #expect(PercentEncoding.encode("a b+c/é~") == "a%20b%2Bc%2F%C3%A9~")
        #expect(PercentEncoding.decode("a%20b+%2f".utf8).map { String(decoding: $0, as: UTF8.self) } == "a b+/")
        #expect(PercentEncoding.decode("%2".utf8) == nil)
    }

    @Test(
        "base64url without padding, as in RFC 4648 §10 and RFC 7636 appendix A",
        arguments: [
            ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
        ])
    func base64URL(text: String, encoded: String) {
        #expect(Base64.encodeURL(text.utf8) == encoded)
        #expect(Base64.decodeURL(encoded.utf8) == Array(text.utf8))
    }

    @Test("base64url has - and _ where base64 has + and /")
    func alphabets() {
        let bytes: [UInt8] = [3, 236, 255, 224, 193, 251, 255]
        #expect(Base64.encodeURL(bytes) == "A-z_4MH7_w")
        #expect(Base64.encode(bytes) == "A+z/4MH7/w==")
        #expect(Base64.encode("fo".utf8) == "Zm8=")
        #expect(Base64.encode("foo".utf8) == "Zm9v")
    }

    @Test(
        "base64url refuses padding, other alphabets, impossible lengths and left-over bits",
        arguments: ["Zg==", "Zm8=", "A+z_", "A/z_", "Z", "Zm9vY", "Zh", "Zm9", "Z g", "Zé"])
    func brokenBase64(text: String) {
        #expect(Base64.decodeURL(text.utf8) == nil)
    }
}
