"""The same for systems that hand a database session around."""

from __future__ import annotations

from typing import Any

from .delegate import ToolDelegate
from .errors import CallbackRefusedError, ProviderRefusedError, TryAgainLaterError


class SessionToolAuthentication(ToolDelegate):
    """
    `DelegatedToolAuthentication` with the arguments of cohere-toolkit's `BaseToolAuthentication`.

        class GmailAuth(SessionToolAuthentication):
            TOOL_ID = "gmail"

    The database session is taken and left alone, since the daemon does the storing. Where a system asks for instances
    of its own base class, name that second: `class GmailAuth(SessionToolAuthentication, BaseToolAuthentication)`. Its
    constructor is not called.
    """

    def is_auth_required(self, session: Any, user_id: str) -> bool:
        """As `DelegatedToolAuthentication.is_auth_required`."""
        return self._must_consent(user_id)

    def retrieve_auth_token(self, request: Any, session: Any, user_id: str | None) -> str | None:
        """
        As `DelegatedToolAuthentication.retrieve_auth_token`; None: the user is connected.

        Text: why not, for the page the user is sent to. Raises where the daemon cannot be asked, or is asked wrongly.
        """
        try:
            self._complete(request, user_id)
        except (CallbackRefusedError, ProviderRefusedError, TryAgainLaterError) as error:
            return str(error)
        return None

    def get_token(self, session: Any, user_id: str) -> str | None:
        """As `DelegatedToolAuthentication.get_token`."""
        tool_auth = self.get_tool_auth(user_id)
        return None if tool_auth is None else tool_auth.access_token

    def try_refresh_token(self, session: Any, user_id: str, tool_auth: Any) -> bool:
        """As `DelegatedToolAuthentication.try_refresh_token`, of that user; `tool_auth` may be None."""
        return self._try_refresh(user_id, getattr(tool_auth, "generation", None))

    def delete_tool_auth(self, session: Any, user_id: str) -> bool:
        """As `DelegatedToolAuthentication.delete_tool_auth`."""
        return self._delete(user_id)
