"""What is stored of users and tools."""

from __future__ import annotations

import unittest

from case import ContractTestCase, TroubledTestCase
from world import nobody_may


class GrantTests(ContractTestCase):
    def test_one_that_is_connected_is_shown(self) -> None:
        self.assertEqual(self.complete(self.user).status, 200)
        reply = self.ask("getToolAuth", 200, user_id=self.user)
        self.assertEqual(reply.headers["etag"], f'"{reply.json["generation"]}"')

    def test_one_that_is_not_there_is_404(self) -> None:
        for operation_id in ("getToolAuth", "deleteToolAuth"):
            self.ask(operation_id, 404, "not-connected", user_id=self.user)
            reply = self.ask(operation_id, 404, "unknown-tool", tool_id="gmial", user_id=self.user)
            self.assertEqual(reply.json["suggestions"], ["gmail"])

    def test_any_id_of_a_user_will_do(self) -> None:
        for user_id in (
            "alice@example.com",
            "alice/work",
            "alice:work",
            "jos\u00e9",
            "jose\u0301",
            "a b",
            "%41",
            "+",
            "x" * 255,
        ):
            with self.subTest(user_id):
                self.ask("importToolAuth", 201, body={"access_token": "a"}, user_id=user_id)
                self.assertEqual(self.ask("getToolAuth", 200, user_id=user_id).json["user_id"], user_id)

    def test_an_import_is_201_and_then_200(self) -> None:
        body = {
            "access_token": "a",
            "refresh_token": "r",
            "token_type": "Bearer",
            "expires_at": "2100-01-31T10:05:07+01:00",
            "refresh_token_expires_at": "2101-01-31T09:05:07.5Z",
            "scope": "read",
            "metadata": {"instance_url": "https://alice.example.com"},
        }
        record = self.ask("importToolAuth", 201, body=body, user_id=self.user).json
        self.assertEqual(record["expires_at"], "2100-01-31T09:05:07.000Z")
        self.assertEqual(record["refresh_token_expires_at"], "2101-01-31T09:05:07.500Z")
        self.assertEqual(record["metadata"], body["metadata"])
        again = self.ask("importToolAuth", 200, body={"access_token": "b"}, user_id=self.user).json
        self.assertGreater(again["generation"], record["generation"])
        self.assertEqual(again["created_at"], record["created_at"])

    def test_null_is_as_if_absent(self) -> None:
        names = self.contract.document["components"]["schemas"]["ImportRequest"]["properties"]
        body = dict.fromkeys(names) | {"access_token": "a"}
        self.ask("importToolAuth", 201, body=body, user_id=self.user)

    def test_far_ends_of_the_calendar_are_taken(self) -> None:
        for body in (
            {"expires_in": 2**63 - 1},
            {"expires_in": 0},
            {"expires_at": "0001-01-01T00:00:00Z"},
            {"expires_at": "9999-12-31T23:59:59-23:59"},
        ):
            with self.subTest(body):
                reply = self.send("importToolAuth", {"access_token": "a", **body}, user_id=self.user)
                self.assertIn(reply.status, (200, 201), reply.body)

    def test_an_import_that_is_none_is_400(self) -> None:
        token = {"access_token": "a"}
        for body in (
            {},
            {"access_token": ""},
            {"access_token": None},
            {"access_token": 1},
            {**token, "refresh_token": ""},
            {**token, "token_type": ""},
            {**token, "expires_in": -1},
            {**token, "expires_in": 1.5},
            {**token, "expires_in": 2**63},
            {**token, "expires_in": "1"},
            {**token, "expires_at": "tomorrow"},
            {**token, "expires_at": "2026-02-30T00:00:00Z"},
            {**token, "expires_at": "2026-01-31T09:05:07"},
            {**token, "expires_at": "2026-01-31T09:05:07Z", "expires_in": 1},
            {**token, "metadata": {"a": 1}},
            {**token, "acces_token": "b"},
        ):
            with self.subTest(body):
                self.ask("importToolAuth", 400, "invalid-request", body=body, user_id=self.user)
        self.ask("getToolAuth", 404, "not-connected", user_id=self.user)

    def test_nothing_is_imported_for_tools_that_are_not_there(self) -> None:
        body = {"access_token": "a"}
        self.ask("importToolAuth", 404, "unknown-tool", body=body, tool_id="gmial")
        self.ask("importToolAuth", 503, "tool-unavailable", body=body, tool_id="unavailable")

    def test_preconditions_are_kept(self) -> None:
        body = {"access_token": "a"}
        self.ask(
            "importToolAuth", 412, "generation-mismatch", body=body, headers={"If-Match": '"1"'}, user_id=self.user
        )
        reply = self.ask("importToolAuth", 201, body=body, headers={"If-None-Match": "*"}, user_id=self.user)
        tag = {"If-Match": reply.headers["etag"]}
        self.ask(
            "importToolAuth", 412, "generation-mismatch", body=body, headers={"If-None-Match": "*"}, user_id=self.user
        )
        self.ask("importToolAuth", 200, body=body, headers=tag, user_id=self.user)
        self.ask("importToolAuth", 412, "generation-mismatch", body=body, headers=tag, user_id=self.user)
        self.ask("deleteToolAuth", 412, "generation-mismatch", headers=tag, user_id=self.user)
        tag = {"If-Match": self.ask("getToolAuth", 200, user_id=self.user).headers["etag"]}
        self.ask("deleteToolAuth", 204, headers=tag, user_id=self.user)

    def test_preconditions_that_are_none_are_400(self) -> None:
        for headers in (
            {"If-Match": "1"},
            {"If-Match": 'W/"1"'},
            {"If-Match": '"1", "2"'},
            {"If-Match": "*"},
            {"If-Match": '"01"'},
            {"If-None-Match": '"1"'},
            {"If-Match": '"1"', "If-None-Match": "*"},
        ):
            for operation_id in ("importToolAuth", "deleteToolAuth"):
                with self.subTest(operation_id, headers=headers):
                    body = {"access_token": "a"} if operation_id == "importToolAuth" else None
                    self.ask(operation_id, 400, "invalid-request", body=body, headers=headers, user_id=self.user)

    def test_one_that_is_deleted_is_gone(self) -> None:
        for revoke in ("true", "false"):
            self.connect(self.user)
            self.ask("deleteToolAuth", 204, query={"revoke": revoke}, user_id=self.user)
            self.ask("getToolAuth", 404, "not-connected", user_id=self.user)
        self.ask("deleteToolAuth", 400, "invalid-request", query={"revoke": "yes"}, user_id=self.user)


class ListTests(TroubledTestCase):
    def connect_all(self) -> list[tuple[str, str]]:
        for user_id in ("bob", "alice"):
            for tool_id in ("gmail", "github"):
                self.connect(user_id, tool_id)
        return [("github", "alice"), ("github", "bob"), ("gmail", "alice"), ("gmail", "bob")]

    def listed(self, **query: str) -> list[tuple[str, str]]:
        auths = self.ask("listToolAuths", 200, query=query).json["auths"]
        return [(record["tool_id"], record["user_id"]) for record in auths]

    def test_they_come_in_order_page_by_page(self) -> None:
        keys = self.connect_all()
        self.assertEqual(self.listed(), keys)
        seen: list[tuple[str, str]] = []
        cursor: dict[str, str] = {}
        while True:
            page = self.ask("listToolAuths", 200, query={"limit": "1", **cursor}).json
            seen += [(record["tool_id"], record["user_id"]) for record in page["auths"]]
            if "next_cursor" not in page:
                break
            cursor = {"cursor": page["next_cursor"]}
        self.assertEqual(seen, keys)

    def test_they_can_be_chosen(self) -> None:
        keys = self.connect_all()
        self.assertEqual(self.listed(tool_id="gmail"), keys[2:])
        self.assertEqual(self.listed(user_id="bob"), [keys[1], keys[3]])
        self.assertEqual(self.listed(tool_id="gmail", user_id="bob", status="healthy"), keys[3:])
        self.assertEqual(self.listed(status="needs_reauthorization"), [])
        self.assertEqual(self.listed(user_id="nobody"), [])

    def test_a_choice_that_is_none_is_400(self) -> None:
        for name, value in [
            ("tool_id", ""),
            ("tool_id", "Gmail"),
            ("user_id", ""),
            ("status", "dead"),
            ("limit", "0"),
            ("limit", "1001"),
            ("limit", "+1"),
            ("cursor", "!"),
            ("cursor", ""),
        ]:
            with self.subTest(name, value=value):
                reply = self.ask("listToolAuths", 400, "invalid-request", query={name: value})
                self.assertEqual(reply.json["field"], name)


class ScopedListTests(TroubledTestCase):
    configuration = nobody_may("read, import")

    def test_a_rule_hides_the_others(self) -> None:
        self.ask("importToolAuth", 201, body={"access_token": "a"}, user_id="alice")
        self.ask("importToolAuth", 403, "forbidden", body={"access_token": "a"}, user_id="bob")
        auths = self.ask("listToolAuths", 200).json["auths"]
        self.assertEqual([record["user_id"] for record in auths], ["alice"])


if __name__ == "__main__":
    unittest.main()
