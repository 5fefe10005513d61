"""HTTP over the socket: ids in paths, and answers that are none."""

from __future__ import annotations

import json
import traceback
import unittest

from delegated_tool_auth import (
    ConsentRequiredError,
    DaemonUnavailableError,
    DelegatedToolAuthentication,
    ProtocolError,
    ToolAuthError,
)

from .case import ScriptedTestCase
from .scripted import CLOSE, RECORD, SILENCE, TOKEN, answer, problem


class PathTests(ScriptedTestCase):
    def test_an_id_is_one_segment_whatever_is_in_it(self) -> None:
        for user, segment in [
            ("alice@example.com/work", "alice%40example.com%2Fwork"),
            ("alice:work", "alice%3Awork"),
            ("bob?x=1#y", "bob%3Fx%3D1%23y"),
            ("bob %2F+&", "bob%20%252F%2B%26"),
            ("jose\u0301", "jose%CC%81"),
            ("jos\u00e9", "jos%C3%A9"),
            ("..%2e", "..%252e"),
        ]:
            with self.subTest(user):
                self.script(answer(200, RECORD)).is_auth_required(user)
                self.assertEqual(self.targets, [f"GET /v1/tools/gmail/users/{segment}"])

    def test_so_is_a_tool(self) -> None:
        self.script(answer(200, RECORD))
        DelegatedToolAuthentication("a/../b", self.daemon.path).is_auth_required("alice")
        self.assertEqual(self.targets, ["GET /v1/tools/a%2F..%2Fb/users/alice"])


class AnswerTests(ScriptedTestCase):
    def test_what_is_no_answer_of_toolauthd_is_told_apart(self) -> None:
        for reply in (
            b"SSH-2.0-OpenSSH_9.2\r\n",
            answer(200, b"<html>", "text/html"),
            answer(200, b"{", "application/json"),
            answer(200, b"[]", "application/json"),
            answer(200, b"\xff\xfe", "application/json"),
            answer(200, RECORD, "text/plain"),
            answer(200, {"status": "healthy"}),
            answer(200, RECORD | {"expires_at": "soon"}),
            answer(404, b"not found", "text/plain"),
            answer(404, {"title": "no type"}, "application/problem+json"),
            answer(404, {"type": "x", "title": "", "status": "many", "detail": ""}, "application/problem+json"),
            answer(200, json.dumps(RECORD).encode() + b" " * (2 << 20)),
            answer(200, RECORD)[:-10],
        ):
            with self.subTest(reply[:80]), self.assertRaises(ProtocolError):
                self.script(reply).is_auth_required("alice")

    def test_members_that_are_new_do_no_harm(self) -> None:
        self.assertFalse(self.script(answer(200, RECORD | {"new": 1})).is_auth_required("alice"))

    def test_an_error_has_no_token_with_it(self) -> None:
        for reply in (
            answer(200, TOKEN)[:-3],
            answer(200, b'{"access_token": "a-secret-token"', "application/json"),
            answer(200, {"access_token": "a-secret-token"}),
        ):
            with self.subTest(reply), self.assertRaises(ToolAuthError) as caught:
                self.script(reply).get_token("alice")
            self.assertIsNone(caught.exception.__cause__)
            self.assertTrue(caught.exception.__suppress_context__)
            told = traceback.format_exception(caught.exception)
            self.assertNotIn("a-secret-token", "".join(told))


class UnavailableTests(ScriptedTestCase):
    def test_no_socket_is_told_with_its_path(self) -> None:
        auth = DelegatedToolAuthentication("gmail", "/nonexistent/api.sock")
        with self.assertRaisesRegex(DaemonUnavailableError, "not running at /nonexistent/api.sock"):
            auth.get_token("alice")

    def test_every_method_says_so(self) -> None:
        auth = DelegatedToolAuthentication("gmail", "/nonexistent/api.sock")
        tool_auth = self.script(answer(200, TOKEN)).get_tool_auth("alice")
        assert tool_auth is not None
        for method in (
            lambda: auth.get_auth_url("alice"),
            lambda: auth.is_auth_required("alice"),
            lambda: auth.get_token("alice"),
            lambda: auth.get_tool_auth("alice"),
            lambda: auth.try_refresh_token(tool_auth),
            lambda: auth.retrieve_auth_token("?state=s&code=c", "alice"),
            lambda: auth.delete_tool_auth("alice"),
        ):
            with self.assertRaises(DaemonUnavailableError):
                method()

    def test_a_path_that_is_too_long_is_told_too(self) -> None:
        with self.assertRaisesRegex(DaemonUnavailableError, "too long"):
            DelegatedToolAuthentication("gmail", "/" + "x" * 200).get_token("alice")

    def test_a_connection_that_is_closed_is_no_answer(self) -> None:
        with self.assertRaisesRegex(DaemonUnavailableError, "without an answer"):
            self.script(CLOSE).get_token("alice")

    def test_a_daemon_that_is_silent_is_given_up(self) -> None:
        self.script(SILENCE)
        auth = DelegatedToolAuthentication("gmail", self.daemon.path, timeout=0.1)
        with self.assertRaisesRegex(DaemonUnavailableError, "within 0.1 s"):
            auth.get_token("alice", wait=0)

    def test_a_refusal_before_all_was_read_is_heard(self) -> None:
        # More than a socket holds, so that the client is still sending when it is refused.
        auth = self.script(problem("not-connected", 404))
        with self.assertRaises(ConsentRequiredError):
            auth.client.callback("?" + "x" * (4 << 20))


if __name__ == "__main__":
    unittest.main()
