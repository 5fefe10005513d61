import Testing
import ToolAuthCore

@testable import Telemetry

@Suite("Prometheus' text format")
struct MetricsTextTests {
    @Test(
        "numbers are written as the format has them, whole ones without a point",
        arguments: [
            (0, "0"), (-3, "-3"), (1e14, "100000000000000"), (0.25, "0.25"), (-0.5, "-0.5"), (1e300, "1e+300"),
            (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
        ] as [(Double, String)])
    func numbers(value: Double, text: String) {
        #expect(MetricsText.number(value) == text)
    }

    @Test("what would end a label's value or a line is written out")
    func escaping() {
        var page = MetricsText()
        page.family("a_total", .counter, "One \\ two\nthree \"four\".")
        page.sample("a_total", [(.tool, "a\"b\\c\nd"), (.outcome, "é")], 1)
        #expect(
            page.text == #"""
                # HELP a_total One \\ two\nthree "four".
                # TYPE a_total counter
                a_total{tool="a\"b\\c\nd",outcome="é"} 1

                """#)
    }

    @Test("counts stand in the order of their labels' values, by bytes")
    func counters() {
        var counters = Counters("a_total", "A.", labels: [.tool, .outcome])
        for (tool, outcome) in [("b", "x"), ("a", "y"), ("a", "x"), ("a-b", "x"), ("b", "x")] {
            counters.count(tool, outcome)
        }
        var page = MetricsText()
        counters.write(to: &page)
        #expect(
            page.text == """
                # HELP a_total A.
                # TYPE a_total counter
                a_total{tool="a",outcome="x"} 1
                a_total{tool="a",outcome="y"} 1
                a_total{tool="a-b",outcome="x"} 1
                a_total{tool="b",outcome="x"} 2

                """)
    }

    @Test("what has no labels is there from the start, at nothing")
    func unlabelled() {
        var page = MetricsText()
        Counters("a_total", "A.", labels: []).write(to: &page)
        Histograms("b", "B.", labels: [], bounds: [1]).write(to: &page)
        #expect(
            page.text == """
                # HELP a_total A.
                # TYPE a_total counter
                a_total 0
                # HELP b B.
                # TYPE b histogram
                b_bucket{le="1"} 0
                b_bucket{le="+Inf"} 0
                b_sum 0
                b_count 0

                """)
    }

    @Test("a bucket counts what is at most its bound, and all below it")
    func histogram() {
        var histograms = Histograms("a", "A.", labels: [.tool], bounds: [0.125, 1])
        for value in [0.0625, 0.125, 0.25, 1, 5] { histograms.observe(value, "x") }
        var page = MetricsText()
        histograms.write(to: &page)
        #expect(
            page.text == """
                # HELP a A.
                # TYPE a histogram
                a_bucket{tool="x",le="0.125"} 2
                a_bucket{tool="x",le="1"} 4
                a_bucket{tool="x",le="+Inf"} 5
                a_sum{tool="x"} 6.4375
                a_count{tool="x"} 5

                """)
    }

    @Test("a span below zero, as after a clock was set, counts as none")
    func negativeSpan() {
        var histograms = Histograms("a", "A.", labels: [], bounds: [1])
        histograms.observe(.seconds(-5))
        histograms.observe(.milliseconds(1500))
        var page = MetricsText()
        histograms.write(to: &page)
        #expect(page.text.contains("a_sum 1.5\n"))
        #expect(page.text.contains("a_bucket{le=\"1\"} 1\n"))
    }

    @Test("however many values labels take, what is held is bounded, and nothing goes uncounted")
    func bounded() {
        var counters = Counters("a_total", "A.", labels: [.tool])
        for number in 0..<20_000 { counters.count("t\(number)") }
        counters.count("t0")
        var page = MetricsText()
        counters.write(to: &page)
        #expect(page.text.split(separator: "\n").count == 2 + 10_001)
        #expect(page.text.contains("a_total{tool=\"other\"} 10000\n"))
        #expect(page.text.contains("a_total{tool=\"t0\"} 2\n"))
    }
}
