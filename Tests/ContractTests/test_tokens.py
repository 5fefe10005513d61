"""Access tokens, and what there is instead."""

from __future__ import annotations

import sqlite3
import unittest
from contextlib import closing

from case import ContractTestCase, TroubledTestCase
from contract import PROBLEM_PREFIX, Reply
from support.polling import eventually

#: For what the daemon does by itself.
PATIENCE = 20
#: Seconds that a provider takes where nobody is to see the end of it.
LONG = 3


class TokenTests(ContractTestCase):
    def test_it_is_the_stored_one(self) -> None:
        self.connect(self.user)
        reply = self.ask("getToken", 200, user_id=self.user)
        self.assertEqual(reply.headers["etag"], f'"{reply.json["generation"]}"')
        self.assertIn(reply.json["access_token"], self.world.provider.active_tokens()[self.user])

    def test_it_comes_alone_where_text_is_preferred(self) -> None:
        self.connect(self.user)
        token = self.ask("getToken", 200, user_id=self.user).json["access_token"]
        for accept, is_alone in [
            ("text/plain", True),
            ("text/*", True),
            ("application/json;q=0.5, text/plain", True),
            ("*/*", False),
            ("text/plain, application/json", False),
            ("image/png", False),
        ]:
            with self.subTest(accept):
                reply = self.ask("getToken", 200, headers={"Accept": accept}, user_id=self.user)
                self.assertEqual(reply.media_type == "text/plain", is_alone)
                if is_alone:
                    self.assertEqual(reply.body.decode(), token)

    def test_one_without_an_end_says_so(self) -> None:
        self.ask("importToolAuth", 201, body={"access_token": "a"}, user_id=self.user)
        token = self.ask("getToken", 200, user_id=self.user).json
        self.assertIsNone(token["expires_at"])
        self.assertIsNone(token["expires_in"])

    def test_a_shorter_one_comes_with_a_warning(self) -> None:
        self.connect(self.user)
        token = self.ask("getToken", 200, query={"min_validity": 604_800, "wait": 0}, user_id=self.user).json
        self.assertEqual(token["warning"]["type"], PROBLEM_PREFIX + "shorter-than-asked")

    def test_what_is_no_number_of_seconds_is_400(self) -> None:
        self.connect(self.user)
        for name, value in [("wait", "61"), ("wait", "-1"), ("wait", "1.5"), ("wait", ""), ("min_validity", "604801")]:
            with self.subTest(name, value=value):
                reply = self.ask("getToken", 400, "invalid-request", query={name: value}, user_id=self.user)
                self.assertEqual(reply.json["field"], name)

    def test_without_a_grant_there_is_none(self) -> None:
        for operation_id in ("getToken", "tryRefreshToken"):
            self.ask(operation_id, 404, "not-connected", user_id=self.user)
            self.ask(operation_id, 404, "unknown-tool", tool_id="gmial")

    def test_one_that_ended_for_good_is_409(self) -> None:
        self.ask("importToolAuth", 201, body={"access_token": "a", "expires_in": 0}, user_id=self.user)
        problem = self.ask("getToken", 409, "reauthorization-required", user_id=self.user).json
        self.assertEqual(problem["reason"], "expired_unrefreshable")

    def test_one_of_an_unknown_type_is_422(self) -> None:
        body = {"access_token": "a", "token_type": "mac"}
        self.ask("importToolAuth", 201, body=body, user_id=self.user)
        problem = self.ask("getToken", 422, "provider-error", user_id=self.user).json
        self.assertEqual(problem["reason"], "unknown_token_type")


class RefreshTests(ContractTestCase):
    def test_it_brings_the_next_generation(self) -> None:
        before = self.connect(self.user).json
        record = self.ask("tryRefreshToken", 200, user_id=self.user).json
        self.assertGreater(record["generation"], before["generation"])
        self.assertIn("last_refreshed_at", record)

    def test_a_second_one_at_once_is_429(self) -> None:
        self.connect(self.user)
        self.ask("tryRefreshToken", 200, user_id=self.user)
        problem = self.ask("tryRefreshToken", 429, "refresh-too-soon", user_id=self.user).json
        self.assertLessEqual(problem["retry_after"], 10)

    def test_of_a_token_that_is_replaced_the_next_one_is_the_answer(self) -> None:
        old = self.connect(self.user).headers["etag"]
        new = self.ask("tryRefreshToken", 200, headers={"If-Match": old}, user_id=self.user)
        again = self.ask("tryRefreshToken", 200, headers={"If-Match": old}, user_id=self.user)
        self.assertEqual(again.json, new.json)

    def test_a_tag_that_is_none_is_400(self) -> None:
        self.connect(self.user)
        for tag in ("*", "1", 'W/"1"', '"1", "2"', '"999999999"'):
            with self.subTest(tag):
                reply = self.ask(
                    "tryRefreshToken", 400, "invalid-request", headers={"If-Match": tag}, user_id=self.user
                )
                self.assertEqual(reply.json["field"], "If-Match")

    def test_without_a_refresh_token_it_is_422(self) -> None:
        self.ask("importToolAuth", 201, body={"access_token": "a"}, user_id=self.user)
        self.ask("tryRefreshToken", 422, "provider-error", user_id=self.user)


class TroubledTokenTests(TroubledTestCase):
    """alice's access token has ended, and her tool is paused, till a test lets it go on."""

    def setUp(self) -> None:
        super().setUp()
        self.connect_expired("alice")

    def resume_tool(self) -> None:
        self.ask("resumeTool", 200)

    def read_until(self, status: int, problem: str) -> Reply:
        """Reads until that is the answer."""
        return eventually(
            lambda: self.send("getToken", query={"wait": 1}),
            lambda seen: (seen.status, seen.problem) == (status, problem),
            PATIENCE,
            f"{status} {problem}",
        )

    def test_while_the_tool_is_paused_it_is_503(self) -> None:
        for operation_id in ("getToken", "tryRefreshToken"):
            self.ask(operation_id, 503, "tool-paused")

    def test_a_valid_token_of_a_paused_tool_has_a_warning(self) -> None:
        self.connect("bob")
        warning = self.ask("getToken", 200, user_id="bob").json["warning"]
        self.assertEqual(warning["type"], PROBLEM_PREFIX + "tool-paused")

    def test_whoever_waits_gets_the_next_one(self) -> None:
        self.resume_tool()
        token = self.ask("getToken", 200).json
        self.assertNotEqual(token["access_token"], "ended")

    def test_where_the_wait_is_over_it_is_504(self) -> None:
        self.world.provider.switch(latency=LONG)
        self.resume_tool()
        self.ask("getToken", 504, "refresh-pending", query={"wait": 0})

    def test_where_the_provider_ended_the_grant_it_is_409(self) -> None:
        self.world.provider.kill("alice")
        self.resume_tool()
        problem = self.read_until(409, "reauthorization-required").json
        self.assertEqual(problem["reason"], "grant_rejected")
        self.ask("tryRefreshToken", 409, "reauthorization-required")
        record = self.ask("getToolAuth", 200).json
        self.assertEqual((record["status"], record["reason"]), ("needs_reauthorization", "grant_rejected"))
        listed = self.ask("listToolAuths", 200, query={"status": "needs_reauthorization"}).json["auths"]
        self.assertEqual(listed, [record])
        tools = self.ask("listTools", 200, query={"user_id": "alice"}).json["tools"]
        self.assertTrue({tool["tool_id"]: tool["is_auth_required"] for tool in tools}["gmail"])

    def test_where_the_provider_refuses_the_request_it_is_422(self) -> None:
        self.world.provider.fail("error", error="invalid_request", count=None)
        self.resume_tool()
        problem = self.read_until(422, "provider-error").json
        self.assertEqual((problem["error"], problem["provider_status"]), ("invalid_request", 400))
        self.connect("bob")
        self.ask("tryRefreshToken", 422, "provider-error", user_id="bob")

    def test_where_the_provider_fails_it_is_502(self) -> None:
        self.world.provider.fail("status", status=503, retry_after=40, count=None)
        self.resume_tool()
        problem = self.read_until(502, "provider-unreachable").json
        self.assertLessEqual(problem["retry_after"], 40)
        self.connect("bob")
        # The provider has asked to be left alone.
        self.ask("tryRefreshToken", 429, "rate-limited", user_id="bob")
        status = self.ask("getStatus", 200).json
        self.assertTrue(any("held_until" in endpoint for endpoint in status["endpoints"]), status)

    def test_where_nobody_listens_it_is_502(self) -> None:
        body = {"access_token": "ended", "expires_in": 0, "refresh_token": "r"}
        self.ask("importToolAuth", 201, body=body, tool_id="unreachable")
        self.ask("getToken", 502, "provider-unreachable", tool_id="unreachable")
        body = {"access_token": "a", "refresh_token": "r"}
        self.ask("importToolAuth", 201, body=body, tool_id="unreachable", user_id="bob")
        reply = self.send("tryRefreshToken", tool_id="unreachable", user_id="bob")
        self.assertEqual((reply.status, reply.problem), (502, "provider-unreachable"))
        record = self.ask("getToolAuth", 200, tool_id="unreachable", user_id="bob").json
        self.assertEqual((record["status"], record["last_error"]["code"]), ("degraded", "connect"))

    def test_of_a_tool_that_cannot_be_used_it_is_503(self) -> None:
        self.world.break_tool("gmail")
        self.world.restart()
        for operation_id in ("getToken", "tryRefreshToken"):
            self.ask(operation_id, 503, "tool-unavailable")

    def test_where_the_provider_gives_tokens_that_have_ended_it_is_504(self) -> None:
        self.world.provider.switch(lifetime=0)
        self.resume_tool()
        self.read_until(504, "refresh-pending")


class HeldStoreTests(TroubledTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.connect("bob", "github")
        self.connect_expired("alice")
        self.world.stop()
        with closing(sqlite3.connect(self.world.database)) as database, database:
            database.execute("UPDATE store_state SET hold = 'restored'")
        self.world.restart()
        self.ask("resumeTool", 200)

    def test_a_store_that_cannot_be_written_cannot_be_resumed(self) -> None:
        with closing(sqlite3.connect(self.world.database, isolation_level=None)) as database:
            database.execute("BEGIN IMMEDIATE")
            self.ask("resume", 503, "store-unavailable")

    def test_nothing_is_refreshed_until_it_is_resumed(self) -> None:
        for operation_id in ("getToken", "tryRefreshToken"):
            self.ask(operation_id, 503, "held")
        warning = self.ask("getToken", 200, tool_id="github", user_id="bob").json["warning"]
        self.assertEqual(warning["type"], PROBLEM_PREFIX + "held")
        self.assertEqual(self.ask("getHealth", 200).json["status"], "degraded")
        self.assertIsNotNone(self.ask("getStatus", 200).json["held"])
        self.assertIsNone(self.ask("resume", 200).json["held"])
        self.ask("getToken", 200)


if __name__ == "__main__":
    unittest.main()
