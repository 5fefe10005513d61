"""The ledger that the other tests rely on notices each way to lose something."""

from __future__ import annotations

import unittest
from typing import Any, cast

from support.api import Answer, Client, UnansweredError
from support.ledger import Ledger


class ScriptedClient:
    """Answers as told, or not at all."""

    def __init__(self) -> None:
        self.answer: Answer | None = None

    def _next(self) -> Answer:
        if self.answer is None:
            raise UnansweredError("as told")
        return self.answer

    def put_grant(self, *_: Any) -> Answer:
        return self._next()

    def token(self, *_: Any) -> Answer:
        return self._next()

    def delete(self, *_: Any) -> Answer:
        return self._next()


class LedgerTests(unittest.TestCase):
    def setUp(self) -> None:
        self.ledger = Ledger()
        self.script = ScriptedClient()
        self.client = cast(Client, self.script)
        self.put(Answer(201, {"generation": 7}))

    def put(self, answer: Answer | None, user: str = "alice") -> None:
        self.script.answer = answer
        try:
            self.ledger.put_grant(self.client, user, {})
        except UnansweredError:
            pass

    def delete(self, answer: Answer | None) -> None:
        self.script.answer = answer
        try:
            self.ledger.delete(self.client, "alice")
        except UnansweredError:
            pass

    def read(self, generation: int, token: str, expires_in: int = 60) -> None:
        self.script.answer = Answer(200, {"generation": generation, "access_token": token, "expires_in": expires_in})
        self.ledger.read(self.client, "alice")

    def losses(self, **generations: int) -> str:
        return "; ".join(self.ledger.losses({user: {"generation": seen} for user, seen in generations.items()}))

    def test_what_was_acknowledged_and_what_came_after_is_no_loss(self) -> None:
        self.read(8, "a")
        self.assertEqual(self.losses(alice=8), "")
        self.assertEqual(self.losses(alice=9), "")

    def test_a_missing_import_is_a_loss(self) -> None:
        self.assertIn("there is no record", self.losses())

    def test_an_older_generation_than_imported_is_a_loss(self) -> None:
        self.assertIn("and 6 is stored", self.losses(alice=6))

    def test_an_older_generation_than_handed_out_is_a_loss(self) -> None:
        self.read(8, "a")
        self.assertIn("and 7 is stored", self.losses(alice=7))

    def test_an_older_generation_handed_out_is_a_loss(self) -> None:
        self.read(9, "a")
        self.read(8, "b")
        self.assertIn("then 8 was handed out", self.losses(alice=9))

    def test_two_tokens_of_one_generation_are_a_loss(self) -> None:
        self.read(8, "a")
        self.read(8, "b")
        self.assertIn("stood for two tokens", self.losses(alice=8))

    def test_a_refused_read_of_a_valid_token_is_a_loss(self) -> None:
        self.read(8, "a")
        self.script.answer = Answer(503, {"type": "urn:toolauthd:store-unavailable"})
        self.ledger.read(self.client, "alice")
        self.assertIn("a read was refused", self.losses(alice=8))

    def test_a_refused_read_of_a_token_that_ended_is_none(self) -> None:
        self.read(8, "a", expires_in=0)
        self.script.answer = Answer(503, {"type": "urn:toolauthd:store-unavailable"})
        self.ledger.read(self.client, "alice")
        self.assertEqual(self.losses(alice=8), "")

    def test_a_deletion_undone_is_a_loss_and_one_not_answered_is_none(self) -> None:
        self.delete(None)
        self.assertEqual(self.losses(alice=7), "")
        self.assertEqual(self.losses(), "")
        self.delete(Answer(204, {}))
        self.assertEqual(self.losses(), "")
        self.assertIn("deletion", self.losses(alice=7))

    def test_a_refused_import_that_is_there_is_a_loss_and_one_not_answered_is_none(self) -> None:
        self.put(Answer(503, {}), "bob")
        self.assertIn("refusal", self.losses(alice=7, bob=8))
        self.put(None, "bob")
        self.assertEqual(self.losses(alice=7, bob=8), "")
        self.assertEqual(self.losses(alice=7), "")

    def test_a_record_nobody_asked_for_is_reported(self) -> None:
        self.assertIn("nobody asked", self.losses(alice=7, bob=8))


if __name__ == "__main__":
    unittest.main()
