"""The one exception with which an endpoint refuses a request."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class OAuthError(Exception):
    """An error of RFC 6749 section 5.2. `cause` says what it is about, for servers that have names of their own."""

    error: str
    description: str = ""
    status: int = 400
    #: code, code_used, redirect_uri, refresh_token, client_id, client_secret, scope, or empty.
    cause: str = ""
    headers: dict[str, str] = field(default_factory=dict)


def invalid_request(description: str, cause: str = "") -> OAuthError:
    """The request is malformed."""
    return OAuthError("invalid_request", description, cause=cause)


def invalid_grant(description: str, cause: str) -> OAuthError:
    """The code or refresh token is not good."""
    return OAuthError("invalid_grant", description, cause=cause)
