"""Tools, and the providers behind them."""

from __future__ import annotations

import unittest

from case import ContractTestCase, TroubledTestCase
from world import CATALOGUE, DEAD_PORT

ALL = ["github", "gmail", "robot", "unavailable", "unreachable"]


class ToolTests(ContractTestCase):
    def test_they_are_listed_in_order(self) -> None:
        tools = self.ask("listTools", 200).json["tools"]
        self.assertEqual([tool["tool_id"] for tool in tools], ALL)
        self.assertFalse(any("is_auth_required" in tool for tool in tools))
        statuses = {tool["tool_id"]: tool["status"] for tool in tools}
        self.assertEqual((statuses["github"], statuses["unavailable"]), ("available", "unavailable"))

    def test_of_a_user_it_is_said_what_he_must_connect(self) -> None:
        self.connect("bob", "github")
        tools = self.ask("listTools", 200, query={"user_id": "bob"}).json["tools"]
        required = {tool["tool_id"]: tool["is_auth_required"] for tool in tools}
        expected = {"github": False, "gmail": True, "robot": False, "unavailable": True, "unreachable": True}
        self.assertEqual(required, expected)
        self.ask("listTools", 400, "invalid-request", query={"user_id": ""})

    def test_one_is_paused_until_it_is_resumed(self) -> None:
        tool = self.ask("pauseTool", 200).json
        self.assertEqual((tool["status"], "reason" in tool), ("paused", True))
        self.assertEqual(self.ask("pauseTool", 200).json, tool)
        tool = self.ask("resumeTool", 200, body={"accept_endpoint": True}).json
        self.assertEqual((tool["status"], "reason" in tool), ("available", False))
        for body in ({}, {"accept_endpoint": None}, {"accept_endpoint": False}, None):
            self.assertEqual(self.ask("resumeTool", 200, body=body).json, tool)

    def test_what_is_not_there_cannot_be_paused_or_resumed(self) -> None:
        for operation_id in ("pauseTool", "resumeTool", "testTool"):
            reply = self.ask(operation_id, 404, "unknown-tool", tool_id="gmial")
            self.assertEqual(reply.json["suggestions"], ["gmail"])
        self.ask("resumeTool", 400, "invalid-request", body={"accept_endpoint": "yes"})

    def test_one_that_works_can_be_tried(self) -> None:
        found = self.ask("testTool", 200).json
        self.assertEqual((found["reachable"], found["client_accepted"]), (True, True), found)

    def test_one_that_nobody_answers_can_be_tried(self) -> None:
        found = self.ask("testTool", 200, tool_id="unreachable").json
        self.assertEqual((found["reachable"], "client_accepted" in found), (False, False), found)

    def test_one_that_cannot_be_used_cannot_be_tried(self) -> None:
        self.ask("testTool", 503, "tool-unavailable", tool_id="unavailable")


class ChangedToolTests(TroubledTestCase):
    def test_one_whose_secret_is_wrong_is_found(self) -> None:
        secret = self.world.provider.info["client_secret"]
        self.world.change_tool("gmail", f'client_secret: "{secret}"', 'client_secret: "wrong"')
        self.world.restart()
        found = self.ask("testTool", 200).json
        self.assertEqual((found["reachable"], found["client_accepted"]), (True, False), found)

    def test_one_whose_endpoint_has_another_origin_goes_on_when_that_is_accepted(self) -> None:
        self.connect("alice")
        port = self.world.provider.info["port"]
        self.world.change_tool("gmail", f":{port}/", f":{DEAD_PORT}/")
        self.world.restart()
        tools = self.ask("listTools", 200).json["tools"]
        self.assertEqual({tool["tool_id"]: tool["status"] for tool in tools}["gmail"], "paused")
        self.ask("resumeTool", 503, "tool-paused")
        self.ask("resumeTool", 503, "tool-paused", body={"accept_endpoint": False})
        self.assertEqual(self.ask("resumeTool", 200, body={"accept_endpoint": True}).json["status"], "available")


class ProviderTests(ContractTestCase):
    def test_the_catalogue_is_listed_in_order(self) -> None:
        providers = self.ask("listProviders", 200).json["providers"]
        self.assertEqual(
            [provider["name"] for provider in providers], sorted(file.stem for file in CATALOGUE.iterdir())
        )
        for provider in providers:
            self.assertEqual(self.ask("getProvider", 200, name=provider["name"]).json, provider)

    def test_one_that_is_not_there_is_404_with_those_like_it(self) -> None:
        reply = self.ask("getProvider", 404, "not-found", name="gihtub")
        self.assertEqual(reply.json["suggestions"], ["github"])
        self.ask("getProvider", 404, "not-found", name="a/b")


class BrokenProviderTests(TroubledTestCase):
    def test_one_that_cannot_be_used_says_why(self) -> None:
        providers = self.world.tools.parent / "providers.d"
        providers.unlink()
        providers.mkdir()
        (providers / "intranet.yaml").write_text("intranet: {title: Intranet}\n")
        self.world.restart()
        provider = self.ask("getProvider", 200, name="intranet").json
        self.assertEqual(provider["status"], "broken")
        self.assertIn(provider, self.ask("listProviders", 200).json["providers"])


if __name__ == "__main__":
    unittest.main()
