"""Whatever a guide says is proved by a test is a test that there is."""

from __future__ import annotations

import unittest

from checklist.named_tests import ROOT, all_tests, named_in
from checklist.requirements import read

REQUIREMENTS = 68


class DocumentTests(unittest.TestCase):
    def test_every_test_that_a_guide_names_exists(self) -> None:
        tests = all_tests()
        self.assertGreater(len(tests), 2000)
        named = {path.name: named_in(path.read_text()) for path in sorted((ROOT / "docs").glob("*.md"))}
        self.assertGreater(len(named["requirements.md"]), 90)
        self.assertGreater(len(named["security.md"]), 40)
        missing = [f"{guide}: {test}" for guide, names in named.items() for test in names if test not in tests]
        self.assertEqual(missing, [])

    def test_every_requirement_is_there_once_and_names_its_tests_or_why_there_are_none(self) -> None:
        requirements = read((ROOT / "docs" / "requirements.md").read_text())
        self.assertEqual([requirement.number for requirement in requirements], list(range(1, REQUIREMENTS + 1)))
        self.assertEqual([requirement.number for requirement in requirements if not requirement.is_told], [])
        self.assertGreater(sum(not requirement.is_not_built for requirement in requirements), 35)


if __name__ == "__main__":
    unittest.main()
