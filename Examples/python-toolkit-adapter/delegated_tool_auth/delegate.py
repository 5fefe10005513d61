"""What both classes of tool authentication share: a tool, and the daemon that does its work."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ClassVar

from .client import ToolauthdClient
from .errors import ConsentRequiredError, ProblemError
from .pending import PendingAuthorizations
from .records import Completion, ToolAuth

_log = logging.getLogger("delegated_tool_auth")

#: The answers to a refresh that mean: there is none, or none yet. Any other is no word about the token.
_NO_NEWER_TOKEN = {
    "not-connected",
    "reauthorization-required",
    "provider-error",
    "provider-unreachable",
    "rate-limited",
    "refresh-pending",
    "refresh-too-soon",
    "tool-paused",
    "held",
}


class ToolDelegate:
    """A tool at the daemon. Cheap to make: a system may make one for each request."""

    #: The tool's id, as in its file in tools.d; for subclasses that are made without arguments.
    TOOL_ID: str = ""

    _pending: ClassVar[PendingAuthorizations] = PendingAuthorizations()

    def __init__(self, tool_id: str | None = None, socket_path: str | None = None, *, timeout: float = 30) -> None:
        """
        `tool_id`: the tool; None: `TOOL_ID` of the class.

        `socket_path` and `timeout`: as in `ToolauthdClient`. Raises `ValueError` where there is no tool.
        """
        self.tool_id = self.TOOL_ID if tool_id is None else tool_id
        if not self.tool_id:
            raise ValueError(f"{type(self).__name__} has no tool: set TOOL_ID, or give tool_id")
        self.client = ToolauthdClient(socket_path, timeout)

    def authorization_parameters(self, user_id: str) -> Mapping[str, Any]:
        """
        What an authorization asks for beyond the tool's configuration; nothing, unless a subclass says so.

        `scopes`, `redirect_uri`, `frontend_redirect`, `login_hint`, `prompt`, `connection` and `extra_params`, as the
        API has them. The daemon refuses what the tool's file does not allow.
        """
        return {}

    def get_auth_url(self, user_id: str) -> str:
        """
        Where the user consents. State, PKCE and the pending authorization are the daemon's.

        The same URL again while it waits for the user and has five minutes left.
        """
        parameters = dict(self.authorization_parameters(user_id))
        key = (self.client.socket_path, self.tool_id, user_id, json.dumps(parameters, sort_keys=True))
        authorization = self._pending.obtain(
            key,
            still_waits=lambda kept: self.client.is_pending(kept.authorization_id),
            begin=lambda: self.client.authorize(self.tool_id, user_id, parameters),
        )
        return authorization.auth_url

    def get_tool_auth(self, user_id: str, *, min_validity: int = 60, wait: int = 10) -> ToolAuth | None:
        """
        A valid token with all that is known of it; None where the user must consent.

        `min_validity`: refreshed first where less is left, in seconds. `wait`: how long that may take, at most 60.
        """
        try:
            return self.client.token(self.tool_id, user_id, min_validity, wait)
        except ConsentRequiredError:
            return None

    def _must_consent(self, user_id: str) -> bool:
        try:
            return self.client.grant(self.tool_id, user_id).status == "needs_reauthorization"
        except ConsentRequiredError:
            return True

    def _complete(self, request: Any, user_id: str | None) -> Completion:
        return self.client.callback(request, expected_user_id=user_id, expected_tool_id=self.tool_id)

    def _try_refresh(self, user_id: str, generation: int | None) -> bool:
        try:
            self.client.refresh(self.tool_id, user_id, generation)
        except ProblemError as error:
            if error.code not in _NO_NEWER_TOKEN:
                raise
            # Without a generation the daemon cannot tell that somebody was faster. One who was left a healthy grant.
            if generation is None and error.code == "refresh-too-soon":
                return self.client.grant(self.tool_id, user_id).status == "healthy"
            _log.warning("the token of %r for %s was not refreshed: %s", user_id, self.tool_id, error)
            return False
        return True

    def _delete(self, user_id: str) -> bool:
        # Where there was nothing, or somebody was faster, it is gone too.
        with suppress(ConsentRequiredError):
            self.client.delete(self.tool_id, user_id)
        return True
