"""Every route of the running daemon, asked by hand, against the document."""

from __future__ import annotations

import json
import re
import subprocess
import unittest
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import contract
from caller import call, open_stream
from support.world import TOOL, World

GRANT = f"/v1/tools/{TOOL}/users/alice"
GRANT_PATH = "/v1/tools/{tool_id}/users/{user_id}"


class AnswerTests(unittest.TestCase):
    """One daemon for all of them: they do not disturb each other."""

    world: World
    socket: Path

    @classmethod
    def setUpClass(cls) -> None:
        cls.world = World(0)
        cls.addClassCleanup(cls.world.close)
        cls.world.start()
        cls.world.connect(["alice", "bob"])
        cls.socket = cls.world.directory / "api.sock"
        cls.contract = contract.load()
        cls.seen: set[tuple[str, str, int]] = set()

    def ask(
        self, method: str, path: str, target: str, status: int, body: Any = None, **headers: str
    ) -> dict[str, Any]:
        """One request; `path` is that of the document."""
        reply = call(self.socket, method, target, body, **headers)
        self.seen.add((method, path, reply.status))
        self.assertEqual(reply.status, status, reply.body)
        self.assertEqual(self.contract.breaches(method, path, reply), [])
        return json.loads(reply.body) if reply.media_type.endswith("json") else {"text": reply.body.decode()}

    def test_the_served_document_is_that_of_the_sources(self) -> None:
        served = self.ask("GET", "/v1/openapi.json", "/v1/openapi.json", 200)
        self.assertEqual(served, self.contract.document)

    def test_grants(self) -> None:
        record = self.ask("GET", GRANT_PATH, GRANT, 200)
        self.ask("GET", GRANT_PATH, f"/v1/tools/{TOOL}/users/nobody", 404)
        self.ask("GET", GRANT_PATH, "/v1/tools/none/users/alice", 404)
        self.ask("GET", GRANT_PATH, f"/v1/tools/{TOOL}/users/%00", 400)
        self.ask("GET", GRANT_PATH, f"{GRANT}?x=1", 400)
        carol = f"/v1/tools/{TOOL}/users/alice%2Fwork"
        self.ask("PUT", GRANT_PATH, carol, 201, {"access_token": "a", "metadata": {"k": "v"}})
        self.ask("PUT", GRANT_PATH, carol, 200, {"access_token": "b", "expires_in": 3600})
        self.ask("PUT", GRANT_PATH, carol, 412, {"access_token": "c"}, If_None_Match="*")
        self.ask("PUT", GRANT_PATH, carol, 400, {"acces_token": "c"})
        self.ask("PUT", GRANT_PATH, carol, 415, b"{}", Content_Type="text/plain")
        self.ask("PUT", GRANT_PATH, carol, 413, b"x" * 70_000)
        self.ask("DELETE", GRANT_PATH, carol, 412, If_Match='"1"')
        self.ask("DELETE", GRANT_PATH, f"{carol}?revoke=false", 204)
        self.ask("DELETE", GRANT_PATH, carol, 404)
        self.assertEqual(record["user_id"], "alice")

    def test_tokens(self) -> None:
        token = self.ask("GET", GRANT_PATH + "/token", f"{GRANT}/token", 200)
        text = self.ask("GET", GRANT_PATH + "/token", f"{GRANT}/token", 200, Accept="text/plain")
        self.assertEqual(text["text"], token["access_token"])
        self.ask("GET", GRANT_PATH + "/token", f"{GRANT}/token?wait=61", 400)
        self.ask("GET", GRANT_PATH + "/token", f"/v1/tools/{TOOL}/users/nobody/token", 404)
        self.ask("POST", GRANT_PATH + "/refresh", f"/v1/tools/{TOOL}/users/bob/refresh", 200)
        self.ask("POST", GRANT_PATH + "/refresh", f"/v1/tools/{TOOL}/users/bob/refresh", 429)
        self.ask("POST", GRANT_PATH + "/refresh", f"/v1/tools/{TOOL}/users/nobody/refresh", 404)
        self.ask("POST", GRANT_PATH + "/refresh", f"{GRANT}/refresh", 400, If_Match="*")

    def test_flows(self) -> None:
        path = GRANT_PATH + "/authorize"
        flow = self.ask("POST", path, f"{GRANT}/authorize", 201)
        self.ask("POST", path, f"{GRANT}/authorize", 400, {"scopes": ["none of these"]})
        self.ask("POST", path, f"{GRANT}/authorize", 400, {"extra_params": {"client_id": "x"}})
        self.ask("POST", path, "/v1/tools/none/users/alice/authorize", 404)
        one = "/v1/authorizations/{authorization_id}"
        identity = flow["authorization_id"]
        self.ask("GET", one, f"/v1/authorizations/{identity}", 200)
        state = parse_qs(urlsplit(flow["auth_url"]).query)["state"][0]
        self.ask("POST", "/v1/callback", "/v1/callback", 422, {"error": "access_denied", "state": state})
        self.assertEqual(self.ask("GET", one, f"/v1/authorizations/{identity}", 200)["status"], "denied")
        self.ask("POST", "/v1/callback", "/v1/callback", 400, {"code": "x", "state": state})
        self.ask("POST", "/v1/callback", "/v1/callback", 400, {"code": "x"})
        other = self.ask("POST", path, f"{GRANT}/authorize", 201)["authorization_id"]
        self.ask("DELETE", one, f"/v1/authorizations/{other}", 204)
        self.ask("DELETE", one, f"/v1/authorizations/{other}", 404)
        self.ask("GET", one, f"/v1/authorizations/{other}", 404)

    def test_lists(self) -> None:
        self.ask("GET", "/v1/tools", "/v1/tools", 200)
        self.ask("GET", "/v1/tools", "/v1/tools?user_id=alice", 200)
        self.ask("GET", "/v1/tools", "/v1/tools?user_id=", 400)
        page = self.ask("GET", "/v1/auths", "/v1/auths?limit=1", 200)
        self.ask("GET", "/v1/auths", f"/v1/auths?limit=1&cursor={page['next_cursor']}", 200)
        self.ask("GET", "/v1/auths", "/v1/auths?cursor=!", 400)
        self.ask("GET", "/v1/providers", "/v1/providers", 200)
        self.ask("GET", "/v1/providers/{name}", "/v1/providers/none", 404)

    def test_tools(self) -> None:
        self.ask("POST", "/v1/tools/{tool_id}/pause", f"/v1/tools/{TOOL}/pause", 200)
        token = self.ask("GET", GRANT_PATH + "/token", f"{GRANT}/token", 200)
        self.assertIn("access_token", token)
        self.ask("POST", "/v1/tools/{tool_id}/resume", f"/v1/tools/{TOOL}/resume", 200)
        self.ask("POST", "/v1/tools/{tool_id}/resume", f"/v1/tools/{TOOL}/resume", 200, {"accept_endpoint": True})
        self.ask("POST", "/v1/tools/{tool_id}/pause", "/v1/tools/none/pause", 404)
        test = self.ask("POST", "/v1/tools/{tool_id}/test", f"/v1/tools/{TOOL}/test", 200)
        self.assertEqual((test["reachable"], test["client_accepted"]), (True, True))

    def test_the_daemon(self) -> None:
        self.ask("GET", "/v1/status", "/v1/status", 200)
        self.ask("POST", "/v1/resume", "/v1/resume", 200)
        self.ask("GET", "/metrics", "/metrics", 200)
        self.ask("GET", "/healthz", "/healthz", 200)
        long = "/v1/status?" + "x" * 9000
        self.ask("GET", "/v1/status", long, 414)
        self.ask("GET", "/v1/status", "/v1/status", 431, X_Long="x" * 20_000)

    def test_promtool_accepts_the_metrics(self) -> None:
        text = call(self.socket, "GET", "/metrics").body
        self.assertIn(b"toolauth_api_requests_total", text)
        done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))

    def test_methods(self) -> None:
        for _, path, _operation in self.contract.operations():
            target = re.sub(r"\{tool_id\}", TOOL, path)
            target = re.sub(r"\{user_id\}", "alice", target)
            target = re.sub(r"\{\w+\}", "x", target)
            allowed = {method.upper() for method in self.contract.document["paths"][path]}
            reply = call(self.socket, "PATCH", target)
            self.assertEqual(reply.status, 405, path)
            self.assertEqual(set(reply.headers["allow"].split(", ")), allowed, path)

    def test_events(self) -> None:
        connection, stream = open_stream(self.socket, "/v1/events", Last_Event_ID="7")
        try:
            self.assertEqual(stream.status, 200)
            self.assertEqual(stream.headers.get_content_type(), "text/event-stream")
            text = b""
            while b"event: reset" not in text:
                text += stream.readline()
            self.ask("PUT", GRANT_PATH, f"/v1/tools/{TOOL}/users/eve", 201, {"access_token": "a"})
            self.ask("DELETE", GRANT_PATH, f"/v1/tools/{TOOL}/users/eve", 204)
            events: list[tuple[str, dict[str, Any]]] = []
            kind = ""
            while len(events) < 2:
                line = stream.readline().decode()
                self.assertNotEqual(line, "", "the stream has ended")
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ").strip()
                if line.startswith("data: ") and "eve" in line:
                    events.append((kind, json.loads(line.removeprefix("data: "))))
        finally:
            connection.close()
        self.assertEqual([kind for kind, _ in events], ["auth.connected", "auth.deleted"])
        for _, record in events:
            self.assertEqual(self.contract.faults({"$ref": "#/components/schemas/Record"}, record), [])
        self.ask("GET", "/v1/events", "/v1/events?tool_id=A", 400)
