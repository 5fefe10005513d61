import Testing

@testable import Providers

@Suite("How numbers, durations and sizes are written")
struct ScalarFormsTests {
    @Test(
        "a duration is a whole number and a unit",
        arguments: [
            ("0s", Duration.zero), ("500ms", .milliseconds(500)), ("30s", .seconds(30)), ("10m", .seconds(600)),
            ("12h", .seconds(43_200)), ("7d", .seconds(604_800)),
        ])
    func durations(text: String, duration: Duration) {
        #expect(ScalarForms.duration(text) == duration)
        #expect(ScalarForms.text(duration) == text)
    }

    @Test(
        "anything else is no duration",
        arguments: [
            "", "30", "s", "1.5h", "-1s", "+1s", "1 s", "1S", "1w", "1h30m", "9223372036854775807d",
            "99999999999999999999s", "１s",
        ])
    func notDurations(text: String) {
        #expect(ScalarForms.duration(text) == nil)
    }

    @Test(
        "a size is a number of bytes, KiB or MiB",
        arguments: [
            ("512", 512), ("64KiB", 65_536), ("1MiB", 1_048_576), ("64kb", nil), ("1.5KiB", nil),
            ("9223372036854775807KiB", nil),
        ])
    func sizes(text: String, size: Int?) {
        #expect(ScalarForms.size(text) == size)
    }

    @Test(
        "only true and false are booleans",
        arguments: [
            ("true", true), ("False", false), ("TRUE", true), ("yes", nil), ("on", nil), ("1", nil), ("tRue", nil),
        ])
    func booleans(text: String, boolean: Bool?) {
        #expect(ScalarForms.boolean(text) == boolean)
    }

    @Test(
        "a number has digits and at most one point",
        arguments: [
            ("0.25", 0.25), ("1", 1), (".5", nil), ("1.", nil), ("1e3", nil), ("0x10", nil), (".inf", nil),
            ("nan", nil), ("-1", nil), ("1.2.3", nil),
        ])
    func numbers(text: String, number: Double?) {
        #expect(ScalarForms.number(text) == number)
    }

    @Test(
        "an integer has digits and perhaps a minus",
        arguments: [
            ("16", 16), ("-3", -3), ("+3", nil), ("1_000", nil), ("", nil), ("-", nil), ("99999999999999999999", nil),
        ])
    func integers(text: String, integer: Int?) {
        #expect(ScalarForms.integer(text) == integer)
    }
}
