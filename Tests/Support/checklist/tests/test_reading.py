"""How tests and requirements are read from their files."""

from __future__ import annotations

import unittest

from checklist.named_tests import named_in, python_tests, swift_tests
from checklist.requirements import Requirement, read

SWIFT = """
@Suite("Callbacks")
struct CallbackTests {
    @Test("one in a line")
    func one() {}

    @Test(
        "one \\"quoted\\" over several",
        arguments: ["@Test is no test here"])
    func several() {}
}

@Suite(.timeLimit(.minutes(5)))
struct TLSTests {
    @Test("of a suite without a name") func unnamed() {}
}

@Suite struct ShortTests {
    private struct Inner {}
    @Test("on the suite's line") func short() {}
}

extension ShortTests {
    @Test("of an extension") func extended() {}
}
"""

PYTHON = """
class SomeTests:
    def test_it_works(self): pass
    def helper(self): pass

def test_alone(): pass
"""


class ReadingTests(unittest.TestCase):
    def test_swift_tests_have_the_name_of_their_suite_or_of_its_type(self) -> None:
        self.assertEqual(
            list(swift_tests(SWIFT)),
            [
                "Callbacks/“one in a line”",
                'Callbacks/“one "quoted" over several”',
                "TLSTests/“of a suite without a name”",
                "ShortTests/“on the suite's line”",
                "ShortTests/“of an extension”",
            ],
        )

    def test_python_tests_are_functions(self) -> None:
        found = sorted(python_tests("test_x.py", PYTHON))
        self.assertEqual(found, ["test_x.py::test_alone", "test_x.py::test_it_works"])

    def test_a_document_names_tests_in_code_spans(self) -> None:
        text = "`Callbacks/“one, two”` and `test_x.py::test_alone`, not `make test` nor Callbacks/“three”"
        self.assertEqual(named_in(text), ["Callbacks/“one, two”", "test_x.py::test_alone"])

    def test_rows_are_read_and_others_are_not(self) -> None:
        document = "| # | requirement | proof |\n|---|---|---|\n| 1 | a (§2) | `S/“t”` |\n| 22 | b | **not built**: why not |\n"
        self.assertEqual(
            read(document), [Requirement(1, "a (§2)", "`S/“t”`"), Requirement(22, "b", "**not built**: why not")]
        )

    def test_a_requirement_has_tests_or_a_reason_and_not_both(self) -> None:
        for proof, is_told in (
            ("`S/“t”`", True),
            ("**not built**: the device grant comes later", True),
            ("**not built** as a refusal: providers need not say it", True),
            ("**not built**", False),
            ("**not built**: no", False),
            ("obvious", False),
            ("", False),
            ("**not built**: the device grant, but for `S/“t”`", False),
        ):
            with self.subTest(proof):
                self.assertEqual(Requirement(1, "a", proof).is_told, is_told)


if __name__ == "__main__":
    unittest.main()
