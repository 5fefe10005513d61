"""The same with the arguments of a system that hands a database session around."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from delegated_tool_auth import ForbiddenError, SessionToolAuthentication

from .case import ScriptedTestCase
from .scripted import RECORD, TOKEN, answer, problem

#: Must never be touched.
SESSION: Any = object()


class BaseToolAuthentication(ABC):
    """As much of a system's own class as matters: abstract methods, and a constructor that wants settings."""

    def __init__(self) -> None:
        raise ValueError("settings are missing")

    @abstractmethod
    def get_auth_url(self, user_id: str) -> str:
        raise NotImplementedError

    @abstractmethod
    def try_refresh_token(self, session: Any, user_id: str, tool_auth: Any) -> bool:
        raise NotImplementedError

    @abstractmethod
    def retrieve_auth_token(self, request: Any, session: Any, user_id: str) -> str | None:
        raise NotImplementedError

    def is_auth_required(self, session: Any, user_id: str) -> bool:
        raise AssertionError("the system's own was asked")


class GmailAuth(SessionToolAuthentication, BaseToolAuthentication):
    TOOL_ID = "gmail"


class SessionTests(ScriptedTestCase):
    def gmail(self, *answers: bytes | None) -> GmailAuth:
        """The system's tool at a scripted daemon."""
        self.script(*answers)
        return GmailAuth(socket_path=self.daemon.path)

    def test_it_is_an_instance_of_the_systems_own_class(self) -> None:
        self.assertIsInstance(GmailAuth(), BaseToolAuthentication)

    def test_each_method_does_as_without_a_session(self) -> None:
        record, token = answer(200, RECORD), answer(200, TOKEN)
        auth = self.gmail(record, token, record, record, answer(204))
        self.assertIs(auth.is_auth_required(SESSION, "alice"), False)
        self.assertEqual(auth.get_token(SESSION, "alice"), "a-secret-token")
        self.assertIs(auth.try_refresh_token(SESSION, "alice", None), True)
        self.assertIsNone(auth.retrieve_auth_token("?state=s&code=c", SESSION, "alice"))
        self.assertIs(auth.delete_tool_auth(SESSION, "alice"), True)

    def test_where_the_user_must_consent_there_is_no_token(self) -> None:
        self.assertIsNone(self.gmail(problem("not-connected", 404)).get_token(SESSION, "alice"))

    def test_why_a_user_is_not_connected_is_text_for_his_page(self) -> None:
        for code, status in [("invalid-callback", 400), ("provider-error", 422), ("provider-unreachable", 502)]:
            with self.subTest(code):
                auth = self.gmail(problem(code, status))
                told = auth.retrieve_auth_token("?state=s&code=c", SESSION, "alice")
                self.assertEqual(told, f"About {code}.")

    def test_a_slip_in_the_configuration_is_not_for_his_page(self) -> None:
        with self.assertRaises(ForbiddenError):
            self.gmail(problem("forbidden", 403)).retrieve_auth_token("?state=s&code=c", SESSION, "alice")

    def test_the_generation_is_told_where_the_tool_auth_has_one(self) -> None:
        auth = self.gmail(answer(200, TOKEN), answer(200, RECORD))
        self.assertIs(auth.try_refresh_token(SESSION, "alice", auth.get_tool_auth("alice")), True)
        self.assertEqual(self.daemon.asked[1].headers["if-match"], '"12"')
