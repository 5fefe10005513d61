import OAuth
import Testing
import ToolAuthCore

@Suite("HTTP headers")
struct HTTPHeaderTests {
    @Test("RFC 9110 §5.6.7: an IMF-fixdate is read")
    func date() {
        #expect(HTTPDate.parse("Sun, 06 Nov 1994 08:49:37 GMT") == Timestamp(secondsSinceEpoch: 784_111_777))
        #expect(HTTPDate.parse("Thu, 01 Jan 2026 00:00:00 GMT") == Fixture.now)
    }

    @Test(
        "anything else is no date",
        arguments: [
            "", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 1994 08:49:37 +0000", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 32 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nox 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 gmt",
            "Son, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 199x 08:49:37 GMT", "Sun, 29 Feb 2025 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun. 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z",
            "Sun, 06 Nov 1994 08:49.37 GMT", "Sun,\u{a0}6 Nov 1994 08:49:37 GMT",
        ])
    func noDate(text: String) {
        #expect(HTTPDate.parse(text) == nil)
    }

    @Test(
        "RFC 9110 §10.2.3: Retry-After is seconds or a date, at most an hour",
        arguments: [
            ("0", 0), ("120", 120), ("3600", 3600), ("3601", 3600), ("99999999999999999999999", 3600),
            ("Thu, 01 Jan 2026 00:02:00 GMT", 120), ("Thu, 01 Jan 2026 09:00:00 GMT", 3600),
            ("Wed, 31 Dec 2025 23:00:00 GMT", 0), ("", nil), ("-1", nil), ("+1", nil), ("1.5", nil), ("1 s", nil),
            ("soon", nil), ("١", nil),
        ] as [(String, Int?)])
    func retryAfter(text: String, seconds: Int?) {
        let reply = Fixture.reply(503, "", [("retry-after", text)])
        #expect(RetryAfter.read(reply, now: Fixture.now) == seconds.map { .seconds($0) })
    }

    @Test("a Retry-After date counts from the server's own clock")
    func serverClock() {
        let reply = Fixture.reply(
            503, "", [("Date", "Thu, 01 Jan 2026 05:00:00 GMT"), ("Retry-After", "Thu, 01 Jan 2026 05:01:00 GMT")])
        #expect(RetryAfter.read(reply, now: Fixture.now) == .seconds(60))
    }

    @Test("without the header there is no wish")
    func absent() {
        #expect(RetryAfter.read(Fixture.reply(503), now: Fixture.now) == nil)
    }
}
