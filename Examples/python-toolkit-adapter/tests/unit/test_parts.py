"""Where the socket is found, what counts as a callback, and which authorizations are remembered."""

from __future__ import annotations

import threading
import unittest
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from delegated_tool_auth.callback import callback_url
from delegated_tool_auth.discovery import SYSTEM_SOCKET, discovered_socket
from delegated_tool_auth.pending import PendingAuthorizations
from delegated_tool_auth.records import Authorization

NOW = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)


class DiscoveryTests(unittest.TestCase):
    def test_the_variable_comes_first_then_the_users_own_daemon_then_the_systems(self) -> None:
        own = {"XDG_RUNTIME_DIR": "/run/user/1000"}
        own_path = "/run/user/1000/toolauthd/api.sock"
        relative = "relative/toolauthd/api.sock"
        cases: list[tuple[dict[str, str], list[str], str]] = [
            ({"TOOLAUTH_SOCKET": "/tmp/s"} | own, [own_path], "/tmp/s"),
            ({"TOOLAUTH_SOCKET": ""} | own, [own_path], own_path),
            (own, [], SYSTEM_SOCKET),
            ({"XDG_RUNTIME_DIR": "relative"}, [relative], SYSTEM_SOCKET),
            ({}, ["/toolauthd/api.sock"], SYSTEM_SOCKET),
        ]
        for variables, existing, path in cases:
            with self.subTest(variables=variables, existing=existing):
                self.assertEqual(discovered_socket(variables, existing.__contains__), path)


class CallbackTests(unittest.TestCase):
    def test_whatever_a_framework_has_will_do(self) -> None:
        class URL:
            """Starlette's: an object whose text is the URL."""

            def __str__(self) -> str:
                return "http://host/v1/tool/auth?state=s&code=c"

        for request, url in [
            ("https://host/v1/tool/auth?state=s&code=c", "https://host/v1/tool/auth?state=s&code=c"),
            ("/v1/tool/auth?state=s&code=c", "/v1/tool/auth?state=s&code=c"),
            ("?state=s&code=c", "?state=s&code=c"),
            ("state=s&code=c", "?state=s&code=c"),
            (SimpleNamespace(url=URL()), "http://host/v1/tool/auth?state=s&code=c"),
            (SimpleNamespace(url="http://host/?state=s"), "http://host/?state=s"),
        ]:
            with self.subTest(url):
                self.assertEqual(callback_url(request), url)

    def test_anything_else_is_a_slip(self) -> None:
        for request in (None, "", 1, {"code": "c"}, SimpleNamespace(url=None)):
            with self.subTest(request), self.assertRaises(TypeError):
                callback_url(request)


class PendingTests(unittest.TestCase):
    def setUp(self) -> None:
        self.now = NOW
        self.pending = PendingAuthorizations(lambda: self.now)
        self.begun = 0

    def begin(self) -> Authorization:
        """One that lives ten minutes."""
        self.begun += 1
        url = "https://provider.example/?state=a-secret-state"
        return Authorization(str(self.begun), url, self.now + timedelta(minutes=10))

    def obtain(self, key: str, still_waits: bool = True) -> str:
        """Its id."""
        return self.pending.obtain(key, lambda kept: still_waits, self.begin).authorization_id

    def test_one_is_given_again_while_five_minutes_are_left(self) -> None:
        for minutes, name in [(0, "1"), (5, "1"), (5.01, "2"), (10.01, "2"), (30, "3")]:
            self.now = NOW + timedelta(minutes=minutes)
            self.assertEqual(self.obtain("alice"), name, minutes)

    def test_one_that_waits_no_more_is_replaced(self) -> None:
        self.assertEqual([self.obtain("alice"), self.obtain("alice", False), self.obtain("alice")], ["1", "2", "2"])

    def test_those_of_before_are_forgotten(self) -> None:
        for user in range(100):
            self.obtain(str(user))
        self.now = NOW + timedelta(minutes=6)
        self.obtain("alice")
        self.assertEqual(len(self.pending), 1)

    def test_many_who_come_at_once_are_given_the_same_and_hold_up_nobody_else(self) -> None:
        has_begun, goes_on = threading.Event(), threading.Event()

        def begin() -> Authorization:
            has_begun.set()
            goes_on.wait(20)
            return self.begin()

        with ThreadPoolExecutor(9) as pool:
            first = pool.submit(self.pending.obtain, "alice", lambda kept: True, begin)
            has_begun.wait(20)
            self.assertEqual(self.obtain("bob"), "1")
            others = [pool.submit(self.obtain, "alice") for _ in range(8)]
            goes_on.set()
            names = {other.result(20) for other in others} | {first.result(20).authorization_id}
        self.assertEqual(names, {"2"})

    def test_where_none_could_be_begun_the_next_who_asks_begins(self) -> None:
        with self.assertRaises(ZeroDivisionError):
            self.pending.obtain("alice", lambda kept: True, lambda: 1 // 0)  # type: ignore[arg-type, return-value]
        self.assertEqual(self.obtain("alice"), "1")

    def test_the_state_is_not_shown(self) -> None:
        self.assertNotIn("a-secret-state", repr(self.begin()))


if __name__ == "__main__":
    unittest.main()
