"""What is told of pieces that were let out."""

from __future__ import annotations

import base64
import unittest

from leaks.emitted import Emitted, Secrets


class EmittedTests(unittest.TestCase):
    def setUp(self) -> None:
        self.secrets = Secrets()
        self.emitted = Emitted()
        self.token = self.secrets.make_token("access token")

    def complaints(self) -> list[str]:
        return self.emitted.complaints(self.secrets)

    def test_a_secret_where_none_belongs_is_told_and_not_shown(self) -> None:
        encoded = base64.b64encode(self.token.encode()).decode()
        self.emitted.add("journal: JSON", f"detail={encoded}")
        (complaint,) = self.complaints()
        self.assertRegex(complaint, "^access token 1 in journal: JSON: .* base64")
        self.assertNotIn(self.token[:12], complaint)
        self.assertNotIn(encoded[:12], complaint)

    def test_one_that_belongs_there_must_be_found_there(self) -> None:
        self.emitted.add("token answers", f'{{"access_token": "{self.token}"}}', belongs=(self.token,))
        self.assertEqual(self.complaints(), [])
        self.emitted.add("more answers", "nothing", belongs=(self.token,))
        self.assertEqual(
            self.complaints(), ["the search did not find access token 1 in more answers, where it belongs"]
        )

    def test_another_one_beside_it_is_told(self) -> None:
        self.secrets.add("refresh token", "the-refresh-token-of-alice")
        body = f"{self.token} the-refresh-token-of-alice"
        self.emitted.add("token answers", body, belongs=(self.token,))
        (complaint,) = self.complaints()
        self.assertIn("refresh token 2 in token answers", complaint)

    def test_one_that_is_known_there_may_be_there_or_not(self) -> None:
        self.emitted.add("an answer", self.token, known=(self.token,))
        self.emitted.add("an answer", b"nothing", known=(self.token,))
        self.assertEqual(self.complaints(), [])

    def test_made_ones_differ_and_are_spelled_otherwise_by_every_encoding(self) -> None:
        made = {self.secrets.make("client secret") for _ in range(10)}
        self.assertEqual(len(made), 10)
        for value in made:
            self.assertTrue(set('/+=&"\\%<') <= set(value))
        self.assertEqual(self.secrets.kinds(), {"access token", "client secret"})

    def test_one_that_is_known_already_keeps_its_name_and_one_too_short_is_refused(self) -> None:
        self.secrets.add("refresh token", self.token)
        self.assertEqual(self.secrets.name(self.token), "access token 1")
        with self.assertRaisesRegex(ValueError, "the code is too short"):
            self.secrets.add("the code", "4711")

    def test_places_are_named_up_to_the_colon(self) -> None:
        self.emitted.add("journal: JSON", "")
        self.emitted.add("systemctl", "")
        self.assertEqual(self.emitted.places(), {"journal", "systemctl"})


if __name__ == "__main__":
    unittest.main()
