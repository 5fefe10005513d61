"""What the daemon tells, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class ToolAuth:
    """
    A valid access token of a user for a tool.

    It has no refresh token: the daemon keeps those. Times are aware, in UTC; compare them with
    `datetime.now(UTC)`.
    """

    tool_id: str
    user_id: str
    #: How the token is used, mostly `Bearer`.
    token_type: str
    access_token: str = field(repr=False)
    #: None: no end is known.
    expires_at: datetime | None
    #: Separated by spaces.
    scope: str
    #: Another number for every token; `try_refresh_token` says with it which one was refused.
    generation: int
    #: What the provider said beside the token, such as an instance URL.
    metadata: Mapping[str, str]
    #: What is wrong although the token is valid, in a sentence.
    warning: str | None

    @classmethod
    def of(cls, tool_id: str, user_id: str, answer: Mapping[str, Any]) -> ToolAuth:
        """Reads the answer of `GET …/token`."""
        return cls(
            tool_id=tool_id,
            user_id=user_id,
            token_type=answer["token_type"],
            access_token=answer["access_token"],
            expires_at=_instant(answer["expires_at"]),
            scope=answer["scope"],
            generation=int(answer["generation"]),
            metadata=answer["metadata"],
            warning=answer["warning"]["detail"] if "warning" in answer else None,
        )


@dataclass(frozen=True)
class Grant:
    """What is stored of a user and a tool, without any token."""

    tool_id: str
    user_id: str
    #: `healthy`; `degraded`: the last refresh failed, and the daemon goes on trying; `needs_reauthorization`.
    status: str
    #: Why the user is needed; None unless he is.
    reason: str | None
    scope: str
    expires_at: datetime | None
    generation: int

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Grant:
        """Reads a record."""
        return cls(
            tool_id=answer["tool_id"],
            user_id=answer["user_id"],
            status=answer["status"],
            reason=answer.get("reason"),
            scope=answer["scope"],
            expires_at=_instant(answer["expires_at"]),
            generation=int(answer["generation"]),
        )


@dataclass(frozen=True)
class Authorization:
    """An authorization that has begun."""

    authorization_id: str
    #: Where the user consents. The state is in it.
    auth_url: str = field(repr=False)
    #: Until when it can be completed.
    expires_at: datetime

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Authorization:
        """Reads the answer of `POST …/authorize`."""
        return cls(answer["authorization_id"], answer["auth_url"], datetime.fromisoformat(answer["expires_at"]))


@dataclass(frozen=True)
class Completion:
    """An authorization that was completed: the tokens are stored."""

    grant: Grant
    #: Where to send the browser; None unless `frontend_redirect` was asked for.
    redirect_to: str | None

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Completion:
        """Reads the answer of `POST /v1/callback`."""
        return cls(Grant.of(answer), answer.get("redirect_to"))


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
