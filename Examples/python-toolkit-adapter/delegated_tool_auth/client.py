"""The calls of the API, one method for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from .callback import callback_url
from .discovery import discovered_socket
from .errors import ProblemError, ProtocolError
from .records import Authorization, Completion, Grant, ToolAuth
from .transport import Request, exchange

Value = TypeVar("Value")

#: What the daemon may take for a request to a provider, in seconds, beyond the time-out.
_PROVIDER_PATIENCE = 60


class ToolauthdClient:
    """
    Speaks to toolauthd over its Unix socket. Keeps nothing, and may be used by many threads.

    All methods raise `ToolAuthError` and nothing else, unless they say so, or an id is no Unicode text (`ValueError`).
    """

    def __init__(self, socket_path: str | None = None, timeout: float = 30) -> None:
        """
        `socket_path`: where the daemon listens; None: found as toolauthctl finds it. Connects at each call.

        `timeout`: seconds a call may take beyond the time it asks the daemon itself to wait.
        """
        self.socket_path = discovered_socket() if socket_path is None else socket_path
        self.timeout = timeout

    def authorize(self, tool_id: str, user_id: str, parameters: Mapping[str, Any] | None = None) -> Authorization:
        """Begins an authorization. `parameters`: scopes, redirect_uri, frontend_redirect, login_hint, prompt, …"""
        request = Request("POST", _path("tools", tool_id, "users", user_id, "authorize"), dict(parameters or {}))
        return self._read(Authorization.of, request, _PROVIDER_PATIENCE)

    def is_pending(self, authorization_id: str) -> bool:
        """Whether an authorization still waits for its user."""
        try:
            answer = self._ask(Request("GET", _path("authorizations", authorization_id)))
        except ProblemError as error:
            if error.code == "unknown-authorization":
                return False
            raise
        return answer.get("status") == "pending"

    def callback(
        self, request: Any, *, expected_user_id: str | None = None, expected_tool_id: str | None = None
    ) -> Completion:
        """
        Completes an authorization with the request the browser came back with, which works once.

        Fill `expected_user_id` from the session of whoever brings it, so that nobody completes the authorization of
        somebody else. Raises `TypeError` where `request` is none (see `callback_url`).
        """
        body: dict[str, Any] = {"url": callback_url(request)}
        if expected_user_id is not None:
            body["expected_user_id"] = expected_user_id
        if expected_tool_id is not None:
            body["expected_tool_id"] = expected_tool_id
        return self._read(Completion.of, Request("POST", _path("callback"), body), _PROVIDER_PATIENCE)

    def token(self, tool_id: str, user_id: str, min_validity: int = 60, wait: int = 10) -> ToolAuth:
        """
        A valid token, refreshed first where less than `min_validity` seconds of it are left.

        `wait`: how long the daemon may wait for that, in seconds, at most 60.
        """
        query = urlencode({"min_validity": min_validity, "wait": wait})
        request = Request("GET", f"{_path('tools', tool_id, 'users', user_id, 'token')}?{query}")
        return self._read(lambda answer: ToolAuth.of(tool_id, user_id, answer), request, wait)

    def refresh(self, tool_id: str, user_id: str, generation: int | None = None) -> Grant:
        """
        Refreshes now. `generation`: of the token that the provider refused.

        Where a newer one is stored already, nothing is sent.
        """
        request = Request("POST", _path("tools", tool_id, "users", user_id, "refresh"), generation=generation)
        return self._read(Grant.of, request, _PROVIDER_PATIENCE)

    def grant(self, tool_id: str, user_id: str) -> Grant:
        """What is stored, without any token."""
        return self._read(Grant.of, Request("GET", _path("tools", tool_id, "users", user_id)))

    def delete(self, tool_id: str, user_id: str, revoke: bool = True) -> None:
        """Forgets a grant, for good once this returns. `revoke`: whether the provider is told afterwards."""
        query = "" if revoke else "?revoke=false"
        self._ask(Request("DELETE", _path("tools", tool_id, "users", user_id) + query))

    def _read(self, build: Callable[[Mapping[str, Any]], Value], request: Request, patience: float = 0) -> Value:
        answer = self._ask(request, patience)
        try:
            return build(answer)
        except (AttributeError, KeyError, TypeError, ValueError):
            raise ProtocolError(f"an answer at {self.socket_path} lacks what toolauthd's have") from None

    def _ask(self, request: Request, patience: float = 0) -> dict[str, Any]:
        return exchange(self.socket_path, request, self.timeout + patience)


def _path(*segments: str) -> str:
    """Each segment is encoded on its own, so that `alice@example.com/work` is one."""
    return "/".join(["/v1", *(quote(segment, safe="") for segment in segments)])
