"""Form-urlencoding, and the switches' checks."""

import unittest

from provider.forms import decode_form, decode_strictly
from provider.switches import SwitchError, Switches, parse_assignment
from serving.forms import FormError


class FormTests(unittest.TestCase):
    def test_the_example_of_appendix_b_is_decoded(self) -> None:
        self.assertEqual(decode_strictly("+%25%26%2B%C2%A3%E2%82%AC"), " %&+£€")

    def test_characters_that_should_be_encoded_are_refused(self) -> None:
        for text in (" ", "ü", "a:b", "a/b", "a=b"):
            with self.subTest(text), self.assertRaises(FormError):
                decode_strictly(text)

    def test_bad_escapes_are_refused(self) -> None:
        for text in ("%", "%2", "%zz", "%ff"):
            with self.subTest(text), self.assertRaises(FormError):
                decode_strictly(text)

    def test_a_parameter_comes_once(self) -> None:
        self.assertEqual(decode_form("a=1&b=x+y&c=&d"), {"a": "1", "b": "x y"})
        for text in ("a=1&a=1", "a=&a=1", "a=1&%61=2"):
            with self.subTest(text), self.assertRaises(FormError):
                decode_form(text)


class SwitchTests(unittest.TestCase):
    def test_an_assignment_is_read_by_the_switch_it_sets(self) -> None:
        for text, value in (
            ("rotation=none", "none"),
            ("lifetime=2.5", 2.5),
            ("reuse_detection=false", False),
            ('known_scopes=["a"]', ["a"]),
            ("user=5", "5"),
        ):
            with self.subTest(text):
                self.assertEqual(parse_assignment(text), (text.split("=")[0], value))

    def test_what_a_switch_cannot_be_is_refused(self) -> None:
        for text in ("rotation=twice", "lifetime=soon", "lifetime=-1", "reuse_detection=1", "no_such=1", "rotation"):
            with self.subTest(text), self.assertRaises(SwitchError):
                parse_assignment(text)

    def test_of_several_switches_all_are_set_or_none(self) -> None:
        switches = Switches()
        with self.assertRaises(SwitchError):
            switches.set_all({"rotation": "none", "lifetime": "long"})
        self.assertEqual(switches.rotation, "single_use")
