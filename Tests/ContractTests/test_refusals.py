"""What every operation refuses alike, and what it refuses whom."""

from __future__ import annotations

import unittest

from caller import call, held_connection
from case import ContractTestCase
from world import nobody_may

#: Whoever connects may ask for these.
OPEN_TO_ALL = {"getHealth", "getOpenAPI"}


class MalformedRequestTests(ContractTestCase):
    def test_another_method_is_405_with_those_there_are(self) -> None:
        for name, operation in self.contract.operations.items():
            for method in ("PATCH", "OPTIONS", "HEAD"):
                with self.subTest(name, method=method):
                    reply = call(self.world.socket, method, self.target(name))
                    self.assertEqual(reply.status, 405)
                    if method != "HEAD":
                        self.check(name, reply)
                    there = {method.upper() for method in self.contract.document["paths"][operation.path]}
                    self.assertEqual(set(reply.headers["allow"].split(", ")), there)

    def test_an_unknown_parameter_is_400(self) -> None:
        for name in self.contract.operations:
            with self.subTest(name):
                reply = self.ask(name, 400, "invalid-request", query={"unknown": "1"})
                self.assertEqual(reply.json["field"], "unknown")

    def test_a_parameter_given_twice_is_400(self) -> None:
        operation = self.contract.operations["listToolAuths"]
        target = self.target("listToolAuths") + "?limit=1&limit=2"
        reply = call(self.world.socket, operation.method, target)
        self.check("listToolAuths", reply)
        self.assertEqual((reply.status, reply.json["field"]), (400, "limit"))

    def test_a_body_that_is_not_taken_is_400(self) -> None:
        for name, operation in self.contract.operations.items():
            if "requestBody" not in operation.node:
                with self.subTest(name):
                    self.assertEqual(self.ask(name, 400, "invalid-request", body={}).json["field"], "body")

    def test_a_body_that_is_not_json_is_400_or_415(self) -> None:
        for name, operation in self.contract.operations.items():
            if "requestBody" in operation.node:
                with self.subTest(name):
                    self.ask(name, 415, "unsupported-media-type", body=b"{}", headers={"Content-Type": "text/plain"})
                    for body in (b"{", b"[]", b"\xff", b'{"a": 1,}', b'{"a": 1, "a": 2}', b'{"unknown": 1}'):
                        self.ask(name, 400, "invalid-request", body=body)

    def test_what_is_too_large_is_413_414_or_431(self) -> None:
        for name in self.contract.operations:
            with self.subTest(name):
                self.ask(name, 413, "too-large", body=b" " * 65_537)
                self.ask(name, 414, "too-large", query={"x": "x" * 8192})
                self.ask(name, 431, "too-large", headers={"X-Long": "x" * 16_384})

    def test_an_id_that_is_none_is_400(self) -> None:
        # `.` and `..` come escaped: clients take them out of a path otherwise.
        users = ["%00", "%0A", "%7F", "%C2%80", "x" * 256, "%C3%A9" * 128, "%2E", "%2E%2E", "%FF", "%"]
        for target in [
            *(f"/v1/tools/gmail/users/{user}" for user in users),
            *(f"/v1/tools/{tool}/users/alice" for tool in ["Gmail", "-", "x" * 65, "%C3%A9", "g%2Fmail"]),
            "/v1/tools//users/alice",
            "/v1/tools/gmail/users//",
        ]:
            with self.subTest(target):
                reply = call(self.world.socket, "GET", target)
                self.check("getToolAuth", reply)
                self.assertEqual((reply.status, reply.problem), (400, "invalid-request"))

    def test_a_path_that_is_none_is_404(self) -> None:
        for target in ("/", "/v1", "/v1/tools/gmail", "/v2/tools", "/v1/tools/gmail/users/alice/tokens", "/metrics/x"):
            with self.subTest(target):
                reply = call(self.world.socket, "GET", target)
                self.assertEqual((reply.status, reply.problem), (404, "not-found"))
                self.assertEqual(self.contract.faults(self.contract.schema("Problem"), reply.json), [])


class ForbiddenTests(ContractTestCase):
    configuration = nobody_may()

    def test_what_no_rule_allows_is_403(self) -> None:
        for name in self.contract.operations:
            with self.subTest(name):
                if name in OPEN_TO_ALL:
                    self.ask(name, 200)
                else:
                    self.ask(name, 403, "forbidden")


class ScopeTests(ContractTestCase):
    """A rule that covers alice at gmail."""

    configuration = nobody_may("read, import, authorize, callback, status, events")

    def test_others_are_403(self) -> None:
        self.ask("getToolAuth", 404, "not-connected", user_id="alice")
        self.ask("getToolAuth", 403, "forbidden", user_id="bob")
        self.ask("getToolAuth", 403, "forbidden", tool_id="github")
        self.ask("listToolAuths", 403, "forbidden", query={"user_id": "bob"})
        self.ask("listTools", 403, "forbidden", query={"user_id": "bob"})
        self.ask("followEvents", 403, "forbidden", query={"tool_id": "github"})

    def test_lists_show_no_others(self) -> None:
        tools = self.ask("listTools", 200).json["tools"]
        self.assertEqual([tool["tool_id"] for tool in tools], ["gmail"])
        status = self.ask("getStatus", 200).json
        self.assertEqual([tool["tool_id"] for tool in status["tools"]], ["gmail"])


class RateTests(ContractTestCase):
    configuration = "limits: {requests_per_second_per_peer: 1}\n"

    def test_over_the_allowance_everything_is_429(self) -> None:
        for name in self.contract.operations:
            with self.subTest(name):
                # One in a second is looked into, and found malformed.
                if self.send(name, query={"unknown": "1"}).status == 400:
                    self.ask(name, 429, "rate-limited", query={"unknown": "1"})


class ConnectionTests(ContractTestCase):
    configuration = "limits: {connections_per_peer: 1}\n"

    def test_over_the_number_of_connections_everything_is_503(self) -> None:
        with held_connection(self.world.socket):
            for name in self.contract.operations:
                with self.subTest(name):
                    reply = self.ask(name, 503, "too-many-connections")
                    self.assertEqual(reply.headers["connection"], "close")


if __name__ == "__main__":
    unittest.main()
