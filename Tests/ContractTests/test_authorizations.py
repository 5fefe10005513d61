"""A user connects a tool."""

from __future__ import annotations

import unittest
from typing import Any
from urllib.parse import parse_qs, urlsplit

from case import ContractTestCase, TroubledTestCase
from support.polling import eventually
from world import nobody_may

#: For what the daemon does by itself.
PATIENCE = 20


class AuthorizationTests(ContractTestCase):
    def returned(self, authorization: dict[str, Any]) -> dict[str, str]:
        """The parameters with which the provider sends a user back."""
        url = self.world.provider.consent(authorization["auth_url"])
        return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}

    def outcome(self, authorization: dict[str, Any]) -> tuple[str, str | None]:
        """How it stands, and why."""
        body = self.ask("getAuthorization", 200, authorization_id=authorization["authorization_id"]).json
        return body["status"], body.get("error")

    def test_a_tool_without_users_has_nothing_to_authorize_and_a_token_for_whoever_asks(self) -> None:
        self.ask("getAuthURL", 409, "no-authorization-needed", tool_id="robot", user_id=self.user)
        token = self.ask("getToken", 200, tool_id="robot", user_id=self.user).json
        self.assertEqual(token["token_type"], "Bearer")
        record = self.ask("getToolAuth", 200, tool_id="robot", user_id=self.user).json
        self.assertEqual(record["status"], "healthy")

    def test_it_is_pending_and_then_connected(self) -> None:
        authorization = self.begin(self.user)
        self.assertEqual(self.outcome(authorization), ("pending", None))
        url = self.world.provider.consent(authorization["auth_url"])
        body = {"url": url, "expected_user_id": self.user, "expected_tool_id": "gmail"}
        record = self.ask("retrieveAuthToken", 200, body=body).json
        self.assertEqual((record["user_id"], record["status"]), (self.user, "healthy"))
        self.assertEqual(self.outcome(authorization), ("connected", None))

    def test_the_parameters_do_instead_of_the_url(self) -> None:
        self.ask("retrieveAuthToken", 200, body=self.returned(self.begin(self.user)))

    def test_the_answer_says_where_the_browser_goes(self) -> None:
        authorization = self.begin(self.user, {"frontend_redirect": "https://app.example.com/connected?tab=mail"})
        record = self.ask("retrieveAuthToken", 200, body=self.returned(authorization)).json
        self.assertEqual(
            record["redirect_to"], "https://app.example.com/connected?tab=mail&tool_id=gmail&result=connected"
        )

    def test_a_state_is_used_once(self) -> None:
        parameters = self.returned(self.begin(self.user))
        self.ask("retrieveAuthToken", 200, body=parameters)
        self.ask("retrieveAuthToken", 400, "invalid-callback", body=parameters)

    def test_a_callback_that_is_not_of_the_authorization_is_400_and_uses_the_state_up(self) -> None:
        for wrong in (
            {"iss": "https://elsewhere.example"},
            {"expected_user_id": "bob"},
            {"expected_tool_id": "github"},
            {"code": ""},
        ):
            with self.subTest(wrong):
                authorization = self.begin(self.user)
                parameters = self.returned(authorization)
                self.ask("retrieveAuthToken", 400, "invalid-callback", body=parameters | wrong)
                self.assertEqual(self.outcome(authorization), ("failed", "invalid-callback"))
                self.ask("retrieveAuthToken", 400, "invalid-callback", body=parameters)

    def test_a_callback_that_is_none_is_400(self) -> None:
        callbacks: list[dict[str, Any]] = [
            {},
            {"code": "x"},
            {"code": "x", "state": "unknown"},
            {"url": "https://app.example.com/"},
        ]
        for body in callbacks:
            with self.subTest(body):
                self.ask("retrieveAuthToken", 400, "invalid-callback", body=body)
        malformed: list[dict[str, Any]] = [
            {"url": "https://app.example.com/?code=x&state=y", "code": "x"},
            {"state": "x", "expected_user_id": ""},
            {"state": "x", "expected_tool_id": "Gmail"},
            {"state": 1},
        ]
        for body in malformed:
            with self.subTest(body):
                self.ask("retrieveAuthToken", 400, "invalid-request", body=body)

    def test_a_user_who_says_no_is_422_and_denied(self) -> None:
        authorization = self.begin(self.user)
        body = {"error": "access_denied", "error_description": "The user said no.", "state": authorization["state"]}
        problem = self.ask("retrieveAuthToken", 422, "provider-error", body=body).json
        self.assertEqual((problem["error"], problem["error_description"]), ("access_denied", "The user said no."))
        self.assertEqual(self.outcome(authorization), ("denied", "access_denied"))

    def test_a_code_that_the_provider_refuses_is_422(self) -> None:
        authorization = self.begin(self.user)
        body = self.returned(authorization) | {"code": "unknown"}
        problem = self.ask("retrieveAuthToken", 422, "provider-error", body=body).json
        self.assertEqual((problem["error"], problem["provider_status"]), ("invalid_grant", 400))
        self.assertEqual(self.outcome(authorization), ("failed", "invalid_grant"))

    def test_a_provider_that_fails_is_502(self) -> None:
        for kind in ("status", "html", "close", "broken_json"):
            with self.subTest(kind):
                authorization = self.begin(self.user)
                parameters = self.returned(authorization)
                self.world.provider.fail(kind, grant_type="authorization_code")
                self.ask("retrieveAuthToken", 502, "provider-unreachable", body=parameters)
                self.assertEqual(self.outcome(authorization)[0], "failed")

    def test_one_that_is_forgotten_is_unknown(self) -> None:
        authorization = self.begin(self.user)
        name = authorization["authorization_id"]
        self.ask("cancelAuthorization", 204, authorization_id=name)
        self.ask("cancelAuthorization", 404, "unknown-authorization", authorization_id=name)
        self.ask("getAuthorization", 404, "unknown-authorization", authorization_id=name)
        self.ask("getAuthorization", 404, "unknown-authorization", authorization_id="no id at all")
        body = {"code": "x", "state": authorization["state"]}
        self.ask("retrieveAuthToken", 400, "invalid-callback", body=body)

    def test_the_oldest_of_six_goes(self) -> None:
        names = [self.begin(self.user)["authorization_id"] for _ in range(6)]
        self.ask("getAuthorization", 404, "unknown-authorization", authorization_id=names[0])
        self.ask("getAuthorization", 200, authorization_id=names[1])

    def test_what_the_tool_allows_can_be_asked_for(self) -> None:
        authorization = self.begin(
            self.user,
            {
                "scopes": ["read", "write"],
                "redirect_uri": self.world.provider.info["redirect_uris"][0],
                "frontend_redirect": "https://app.example.com/connected",
                "login_hint": "alice@example.com",
                "prompt": "consent",
                "connection": {},
                "extra_params": {"access_type": "offline"},
            },
        )
        query = parse_qs(urlsplit(authorization["auth_url"]).query)
        self.assertEqual((query["scope"], query["access_type"]), (["read write"], ["offline"]))

    def test_null_is_as_if_absent(self) -> None:
        names = self.contract.document["components"]["schemas"]["AuthorizeRequest"]["properties"]
        self.begin(self.user, dict.fromkeys(names))

    def test_what_the_tool_does_not_allow_is_400(self) -> None:
        for field, value in [
            ("scopes", ["admin"]),
            ("scopes", []),
            ("redirect_uri", "https://elsewhere.example/"),
            ("frontend_redirect", "https://elsewhere.example/"),
            ("frontend_redirect", "https://app.example.com/../x"),
            ("connection", {"tenant": "x"}),
            ("extra_params", {"state": "x"}),
            ("extra_params", {"unknown": "x"}),
            ("login_hint", 1),
        ]:
            with self.subTest(field, value=value):
                reply = self.ask("getAuthURL", 400, "invalid-request", body={field: value}, user_id=self.user)
                self.assertEqual(reply.json["field"], field)

    def test_an_unknown_tool_is_404_with_those_like_it(self) -> None:
        reply = self.ask("getAuthURL", 404, "unknown-tool", tool_id="gmial")
        self.assertEqual(reply.json["suggestions"], ["gmail"])

    def test_a_tool_that_cannot_be_used_is_503(self) -> None:
        self.ask("getAuthURL", 503, "tool-unavailable", tool_id="unavailable")


class ExpiryTests(ContractTestCase):
    configuration = "authorization: {state_lifetime: 1s}\n"

    def test_one_that_nobody_completes_in_time_expires(self) -> None:
        authorization = self.begin(self.user)
        eventually(
            lambda: self.ask("getAuthorization", 200, authorization_id=authorization["authorization_id"]).json,
            lambda seen: seen["status"] == "expired",
            PATIENCE,
            "an authorization that has expired",
        )
        self.ask("retrieveAuthToken", 400, "invalid-callback", body={"code": "x", "state": authorization["state"]})


class ChangedConfigurationTests(TroubledTestCase):
    """An authorization survives a restart; its tool, and the rule that covers it, do not always."""

    def test_the_callback_of_a_user_whom_the_rule_does_not_cover_is_403(self) -> None:
        state = self.begin("bob")["state"]
        self.world.configure(nobody_may("callback, authorize"))
        self.world.restart()
        body = {"code": "x", "state": state}
        self.ask("retrieveAuthToken", 403, "forbidden", body=body)
        self.ask("retrieveAuthToken", 400, "invalid-callback", body=body)

    def test_the_callback_of_a_tool_that_is_gone_is_404(self) -> None:
        state = self.begin("alice")["state"]
        (self.world.tools / "gmail.yaml").unlink()
        self.world.restart()
        self.ask("retrieveAuthToken", 404, "unknown-tool", body={"code": "x", "state": state})

    def test_the_callback_of_a_tool_that_cannot_be_used_is_503(self) -> None:
        state = self.begin("alice")["state"]
        self.world.break_tool("gmail")
        self.world.restart()
        self.ask("retrieveAuthToken", 503, "tool-unavailable", body={"code": "x", "state": state})


if __name__ == "__main__":
    unittest.main()
