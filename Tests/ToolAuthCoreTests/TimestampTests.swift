import Testing
import ToolAuthCore

@Suite("Instants")
struct TimestampTests {
    @Test(
        "RFC 3339 is written in UTC with milliseconds, and read back",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1, "1970-01-01T00:00:00.001Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (1_767_225_599_999, "2025-12-31T23:59:59.999Z"),
            (4_107_542_399_000, "2100-02-28T23:59:59.000Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ])
    func roundTrip(milliseconds: Int64, text: String) {
        #expect(Timestamp(millisecondsSinceEpoch: milliseconds).description == text)
        #expect(Timestamp(rfc3339: text) == Timestamp(millisecondsSinceEpoch: milliseconds))
    }

    @Test(
        "offsets, fractions of any length and the leap second are read",
        arguments: [
            ("1970-01-01T01:00:00+01:00", 0), ("1969-12-31T19:30:00-04:30", 0), ("1970-01-01t00:00:00z", 0),
            ("1970-01-01 00:00:00Z", 0), ("1970-01-01T00:00:00.5Z", 500), ("1970-01-01T00:00:00.1239999Z", 123),
            ("2016-12-31T23:59:60Z", 1_483_228_799_000),
        ])
    func reads(text: String, milliseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.millisecondsSinceEpoch == milliseconds)
    }

    @Test(
        "what is no RFC 3339 date-time is refused",
        arguments: [
            "", "1970-01-01", "1970-01-01T00:00:00", "1970-13-01T00:00:00Z", "1970-02-29T00:00:00Z",
            "1970-00-01T00:00:00Z", "1970-01-00T00:00:00Z", "1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z",
            "1970-01-01T00:00:61Z", "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00+24:00", "1970-01-01T00:00:00Zx",
            "0000-01-01T00:00:00Z", "70-01-01T00:00:00Z", "1970-01-01T00:00:00+0100", "١٩٧٠-01-01T00:00:00Z",
        ])
    func refuses(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test("arithmetic stops at the ends of the calendar")
    func saturates() {
        let now = Timestamp(secondsSinceEpoch: 1_767_225_600)
        #expect(now + .seconds(Int64.max) == .distantFuture)
        #expect(now - .seconds(Int64.max) == .distantPast)
        #expect(Timestamp(secondsSinceEpoch: .max) == .distantFuture)
        #expect(Timestamp(secondsSinceEpoch: .min) == .distantPast)
        #expect(.distantFuture + .milliseconds(1) == Timestamp.distantFuture)
    }

    @Test(
        "a duration is so many whole milliseconds, rounded down",
        arguments: [
            (Duration.microseconds(1999), Int64(1)), (.microseconds(-1), -1), (.milliseconds(-5), -5),
            (.seconds(2), 2000),
            (.seconds(Int64.max), .max),
        ])
    func milliseconds(duration: Duration, milliseconds: Int64) {
        #expect(duration.wholeMilliseconds == milliseconds)
    }

    @Test("the system's clock goes forward and is in this century")
    func systemClock() {
        let clock = SystemWallClock()
        let first = clock.now
        #expect(first > Timestamp(secondsSinceEpoch: 1_767_225_600))
        #expect(clock.now >= first - .seconds(1))
    }
}
