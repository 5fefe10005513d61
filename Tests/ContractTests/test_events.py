"""The stream of events."""

from __future__ import annotations

import http.client
import json
import unittest
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from caller import open_stream
from case import ContractTestCase, TroubledTestCase
from contract import Contract
from world import nobody_may


def events(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """Reads a stream (HTML Living Standard, 9.2.6): events with `id`, `event` and parsed `data`; what has none is left out."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
            continue
        if "data" in fields:
            yield {"id": fields["id"], "event": fields["event"], "data": json.loads(fields["data"])}
        # The id stays until another comes.
        fields = {"id": fields["id"]} if "id" in fields else {}


class Follower:
    """Somebody who reads events, each of which must keep the contract."""

    def __init__(self, case: unittest.TestCase, contract: Contract, stream: http.client.HTTPResponse) -> None:
        self._case = case
        self._contract = contract
        self._stream = stream
        self._events = events(self._lines())

    def _lines(self) -> Iterator[str]:
        while line := self._stream.readline():
            yield line.decode().removesuffix("\n")

    def begin(self) -> str:
        """Reads how the stream begins: nothing happens unseen after that. Returns its id."""
        fields = dict(line.split(": ", 1) for line in iter(lambda: self._stream.readline().decode().rstrip("\n"), ""))
        self._case.assertEqual(set(fields), {"retry", "id"})
        return fields["id"]

    def next(self) -> dict[str, Any]:
        event = next(self._events)
        self._case.assertEqual(self._contract.faults(self._contract.schema("Event"), event), [], event)
        return event


class EventTestCase(ContractTestCase):
    @contextmanager
    def follow(self, query: dict[str, str] | None = None, **headers: str) -> Iterator[Follower]:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        with open_stream(self.world.socket, self.target("followEvents", query), names) as (reply, stream):
            self.check("followEvents", reply)
            yield Follower(self, self.contract, stream)

    def told(self, follower: Follower, count: int) -> list[tuple[str, str]]:
        """The next kinds of events, and whom they are about."""
        seen = [follower.next() for _ in range(count)]
        return [(event["event"], event["data"].get("user_id", event["data"].get("tool_id", ""))) for event in seen]


class EventTests(EventTestCase, TroubledTestCase):
    def test_what_happens_is_told_in_order(self) -> None:
        with self.follow() as follower:
            follower.begin()
            self.connect("alice")
            self.ask("tryRefreshToken", 200)
            self.ask("pauseTool", 200)
            self.ask("resumeTool", 200)
            self.ask("deleteToolAuth", 204)
            self.assertEqual(
                self.told(follower, 5),
                [
                    ("auth.connected", "alice"),
                    ("auth.refreshed", "alice"),
                    ("tool.paused", "gmail"),
                    ("tool.resumed", "gmail"),
                    ("auth.deleted", "alice"),
                ],
            )

    def test_what_goes_wrong_is_told(self) -> None:
        with self.follow() as follower:
            follower.begin()
            self.connect("alice")
            self.world.provider.kill("alice")
            self.send("tryRefreshToken")
            self.assertEqual(follower.next()["event"], "auth.connected")
            event = follower.next()
            if event["event"] == "auth.degraded":
                event = follower.next()
            self.assertEqual(event["event"], "auth.reauthorization_required")
            self.assertEqual(event["data"]["reason"], "grant_rejected")

    def test_a_reader_who_comes_back_misses_nothing(self) -> None:
        with self.follow() as follower:
            begin = follower.begin()
            self.connect("alice")
            last = follower.next()["id"]
        self.connect("bob")
        for last_id, told in [(last, ["bob"]), (begin, ["alice", "bob"])]:
            with self.follow(Last_Event_ID=last_id) as follower:
                self.assertEqual(follower.begin(), last_id)
                self.assertEqual([user for _, user in self.told(follower, len(told))], told)

    def test_what_is_forgotten_or_unknown_begins_with_a_reset(self) -> None:
        for last_id in ("1", "99999999999999999", "none", ""):
            with self.subTest(last_id), self.follow(Last_Event_ID=last_id) as follower:
                begin = follower.begin()
                event = follower.next()
                self.assertEqual((event["event"], event["id"]), ("reset", begin))

    def test_a_choice_leaves_the_others_out(self) -> None:
        for query, told in [({"user_id": "bob"}, "bob"), ({"tool_id": "github"}, "alice")]:
            with self.subTest(query), self.follow(query) as follower:
                follower.begin()
                self.connect("alice", "gmail")
                self.connect("bob", "gmail")
                self.connect("alice", "github")
                self.assertEqual(self.told(follower, 1), [("auth.connected", told)])

    def test_a_choice_that_is_none_is_400(self) -> None:
        for query in ({"tool_id": "A"}, {"tool_id": ""}, {"user_id": ""}):
            with self.subTest(query):
                self.ask("followEvents", 400, "invalid-request", query=query)


class ScopedEventTests(EventTestCase):
    configuration = nobody_may("events, import, delete")

    def test_a_rule_hides_the_others(self) -> None:
        with self.follow() as follower:
            follower.begin()
            self.ask("importToolAuth", 201, body={"access_token": "a"})
            self.assertEqual(self.told(follower, 1), [("auth.connected", "alice")])


if __name__ == "__main__":
    unittest.main()
