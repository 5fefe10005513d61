"""Tool authentication, delegated to toolauthd."""

from __future__ import annotations

from typing import Any, Protocol

from .delegate import ToolDelegate
from .records import Completion


class RefusedToolAuth(Protocol):
    """What `try_refresh_token` needs of a ToolAuth: `ToolAuth` of this package has it, and most tables' rows have."""

    @property
    def user_id(self) -> str:
        """Whose token it is."""


class DelegatedToolAuthentication(ToolDelegate):
    """
    The methods of a tool authentication class, done by toolauthd.

        gmail = DelegatedToolAuthentication(tool_id="gmail")
        if gmail.is_auth_required("alice"):
            print(gmail.get_auth_url("alice"))

    or, where a system makes it without arguments:

        class GmailAuth(DelegatedToolAuthentication):
            TOOL_ID = "gmail"

    All methods raise `ToolAuthError`, unless they say otherwise. May be used by many threads.
    """

    def is_auth_required(self, user_id: str) -> bool:
        """
        Whether the user must consent: there is no grant, or only the user can bring it back.

        A provider that fails is no reason. Where the daemon cannot be asked it raises, and so says neither.
        """
        return self._must_consent(user_id)

    def retrieve_auth_token(self, request: Any, user_id: str | None = None) -> Completion:
        """
        Completes an authorization with the request the browser came back with.

        `request`: its URL, path with query or query, or a framework's request that has a `url`. `user_id`: who is
        signed in; the authorization of anybody else is refused. Give it wherever the request has a session.

        Raises `CallbackRefusedError`, `ProviderRefusedError` where the user said no, and `TryAgainLaterError`; after
        each the user starts again with `get_auth_url`. Raises `TypeError` where `request` is none.
        """
        return self._complete(request, user_id)

    def get_token(self, user_id: str, *, min_validity: int = 60, wait: int = 10) -> str | None:
        """
        A valid access token; None where the user must consent. Ask for it before each use, and do not store it.

        `min_validity` and `wait`: as in `get_tool_auth`. Raises `TryAgainLaterError` where there is none now.
        """
        tool_auth = self.get_tool_auth(user_id, min_validity=min_validity, wait=wait)
        return None if tool_auth is None else tool_auth.access_token

    def try_refresh_token(self, tool_auth: RefusedToolAuth) -> bool:
        """
        Asks for a newer token than that of `tool_auth`, which the provider refused; True: there is one now.

        False, and a line in the log: there is none now. Whether the user must consent, `is_auth_required` says. For
        tokens that just end this is not needed: the daemon refreshes them in time. A `tool_auth` without `generation`
        stands for whatever token is stored.

        Raises `ValueError` for a `tool_auth` of another tool.
        """
        if getattr(tool_auth, "tool_id", self.tool_id) != self.tool_id:
            raise ValueError(f"a ToolAuth of another tool than {self.tool_id}")
        return self._try_refresh(tool_auth.user_id, getattr(tool_auth, "generation", None))

    def delete_tool_auth(self, user_id: str) -> bool:
        """Forgets the grant, and has the provider told; True: it is gone, or there was none."""
        return self._delete(user_id)
