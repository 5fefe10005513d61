"""The daemon itself: status, health, metrics, the document, and a store that fails."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import tempfile
import time
import unittest
from base64 import b64encode
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar

from case import ContractTestCase, TroubledTestCase


class DaemonTests(ContractTestCase):
    def test_the_document_is_that_of_the_sources(self) -> None:
        self.assertTrue(self.ask("getOpenAPI", 200).json == self.contract.document, "another document is served")

    def test_the_status_counts(self) -> None:
        self.connect("alice")
        self.ask("importToolAuth", 201, body={"access_token": "a", "token_type": "mac"}, user_id="bob")
        status = self.ask("getStatus", 200).json
        records = {tool["tool_id"]: tool["records"] for tool in status["tools"]}["gmail"]
        self.assertEqual(records, {"healthy": 1, "degraded": 1, "needs_reauthorization": 0})
        self.assertIsNone(status["held"])
        self.assertIsNone(status["store_problem"])

    def test_resuming_what_is_not_held_changes_nothing(self) -> None:
        self.assertIsNone(self.ask("resume", 200).json["held"])

    def test_a_reload_says_what_changed(self) -> None:
        self.assertEqual(self.ask("reload", 200).json["changed"], [])
        self.world.change_tool("github", "title: GitHub", "title: GitHub of the company")
        self.assertEqual(self.ask("reload", 200).json["changed"], ["github"])
        self.ask("reload", 400, "invalid-request", query={"now": "1"})

    def test_a_reload_of_what_is_bad_is_refused(self) -> None:
        self.world.change_tool("github", "client_id:", "client:")
        try:
            self.ask("reload", 422, "invalid-configuration")
        finally:
            self.world.change_tool("github", "client:", "client_id:")
        self.ask("reload", 200)

    def test_a_backup_is_a_database_of_what_is_stored(self) -> None:
        self.connect(self.user, "github")
        reply = self.ask("backUp", 200)
        self.assertEqual(int(reply.headers["content-length"]), len(reply.body))
        with tempfile.NamedTemporaryFile() as file:
            file.write(reply.body)
            file.flush()
            with closing(sqlite3.connect(f"file:{file.name}?mode=ro", uri=True)) as database:
                users = {user for (user,) in database.execute("SELECT user_id FROM tool_auths")}
                self.assertIn(self.user, users)
                self.assertEqual(database.execute("PRAGMA integrity_check").fetchone(), ("ok",))

    def test_a_key_is_replaced(self) -> None:
        self.connect(self.user, "github")
        former = self.sealing_key()
        added = self.ask("addKey", 201).json["key_id"]
        self.assertEqual(self.sealing_key(), added)
        self.ask("retireKey", 409, "key-in-use", key_id=added)
        self.ask("retireKey", 409, "key-in-use", key_id=former)
        rotation = self.ask("rotateKeys", 200).json
        deadline = time.monotonic() + 30
        while rotation["running"]:
            self.assertLess(time.monotonic(), deadline, rotation)
            rotation = self.ask("getKeyRotation", 200).json
        self.assertEqual((rotation["key_id"], rotation["undecryptable"]), (added, 0))
        kept = self.ask("retireKey", 200, key_id=former).json["kept_in"]
        self.assertIn(f"\n{former}:", Path(kept).read_text())
        self.ask("retireKey", 404, "unknown-key", key_id=former)
        self.ask("getToken", 200, tool_id="github", user_id=self.user)

    def sealing_key(self) -> str:
        """The id of the newest key."""
        keys = [key["key_id"] for key in self.ask("listKeys", 200).json["keys"] if key["seals"]]
        self.assertEqual(len(keys), 1)
        return str(keys[0])

    def test_it_is_healthy(self) -> None:
        self.assertEqual(self.ask("getHealth", 200).json, {"status": "ok"})

    def test_the_metrics_name_routes_and_no_users(self) -> None:
        self.ask("getToolAuth", 404, "not-connected", user_id=self.user)
        text = self.ask("getMetrics", 200).body.decode()
        self.assertIn('toolauth_api_requests_total{route="GET /v1/tools/{tool_id}/users/{user_id}",code="404"}', text)
        self.assertNotIn(self.user, text)

    def test_promtool_accepts_the_metrics(self) -> None:
        text = self.ask("getMetrics", 200).body
        done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))


class CredentialTests(ContractTestCase):
    """Keys that the service manager hands over are the administrator's."""

    credentials: ClassVar[dict[str, str] | None] = {
        "toolauthd.key": "".join(f"{name}:{b64encode(os.urandom(32)).decode()}\n" for name in ("old", "new"))
    }

    def test_keys_of_a_credential_are_not_the_daemons_to_add(self) -> None:
        self.ask("addKey", 409, "keys-read-only")
        keys = self.ask("listKeys", 200).json
        self.assertEqual((keys["source"], keys["name"]), ("credential", "toolauthd.key"))
        self.assertEqual([(key["key_id"], key["seals"]) for key in keys["keys"]], [("old", False), ("new", True)])

    def test_a_key_that_nothing_needs_is_let_go(self) -> None:
        self.assertEqual(
            self.ask("retireKey", 200, key_id="old").json, {"key_id": "old", "credential": "toolauthd.key"}
        )


class LockedStoreTests(TroubledTestCase):
    def test_what_would_be_written_is_503_and_the_rest_goes_on(self) -> None:
        self.connect("alice")
        with closing(sqlite3.connect(self.world.database, isolation_level=None)) as database:
            database.execute("BEGIN IMMEDIATE")
            self.ask("tryRefreshToken", 503, "store-unavailable")
            self.assertEqual(self.ask("getHealth", 200).json["status"], "degraded")
            self.assertIsNotNone(self.ask("getStatus", 200).json["store_problem"])
            self.ask("getToken", 200)


class DamagedStoreTests(TroubledTestCase):
    def test_what_needs_it_is_503_and_the_rest_goes_on(self) -> None:
        self.connect("alice")
        former = self.ask("listKeys", 200).json["keys"][0]["key_id"]
        self.ask("addKey", 201)
        # Last the index of the log: whoever has read a page keeps it until that one changes.
        for suffix in ("", "-wal", "-shm"):
            with self.world.database.with_name(self.world.database.name + suffix).open("r+b") as file:
                file.write(b"\xff" * (136 if suffix == "-shm" else os.fstat(file.fileno()).st_size))
        requests: list[tuple[str, dict[str, Any]]] = [
            ("getToolAuth", {}),
            ("getToken", {}),
            ("tryRefreshToken", {}),
            ("importToolAuth", {"body": {"access_token": "a"}}),
            ("deleteToolAuth", {}),
            ("listToolAuths", {}),
            ("listTools", {"query": {"user_id": "alice"}}),
            ("getAuthURL", {}),
            ("getAuthorization", {}),
            ("cancelAuthorization", {}),
            ("retrieveAuthToken", {"body": {"code": "x", "state": "x"}}),
            ("pauseTool", {}),
            ("reload", {}),
            ("resumeTool", {}),
            ("getStatus", {}),
            ("resume", {}),
            ("getMetrics", {}),
            ("backUp", {}),
            ("listKeys", {}),
            ("addKey", {}),
            ("retireKey", {"key_id": former}),
            ("rotateKeys", {}),
        ]
        for operation_id, request in requests:
            with self.subTest(operation_id):
                self.ask(operation_id, 503, "store-unavailable", **request)
        self.assertEqual(self.ask("getHealth", 503).json["status"], "failed")
        for operation_id in ("listTools", "listProviders", "getOpenAPI"):
            self.ask(operation_id, 200)


if __name__ == "__main__":
    unittest.main()
