"""What the real providers do differently, as paths and settings of switches."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Behaviour:
    """One provider's habits. A path that is empty is an endpoint it does not have."""

    authorize: str = "/authorize"
    token: str = "/token"
    revoke: str = "/revoke"
    introspect: str = "/introspect"
    has_metadata: bool = True
    switches: dict[str, Any] = field(default_factory=dict)


BEHAVIOURS: dict[str, Behaviour] = {
    "generic": Behaviour(),
    # The refresh token comes with access_type=offline, and on later consents only with prompt=consent; it stays as it
    # is. Revocation takes any token, ends the whole grant, asks for no client, and complains of a dead token.
    "google": Behaviour(
        authorize="/o/oauth2/v2/auth",
        introspect="",
        switches={
            "pkce": "optional",
            "rotation": "none",
            "lifetime": 3599,
            "max_refresh_tokens": 100,
            "refresh_token_given": "offline_access_type",
            "refreshed_refresh_token": "absent",
            "revocation_scope": "grant",
            "revocation_needs_client": False,
            "revoking_unknown": "invalid_token",
            "callback_iss": "missing",
        },
    ),
    # Tokens of a user are under authed_user at the exchange and at the top on refresh; every error is a 200.
    "slack": Behaviour(
        authorize="/oauth/v2/authorize",
        token="/api/oauth.v2.access",
        revoke="/api/auth.revoke",
        introspect="",
        has_metadata=False,
        switches={
            "pkce": "optional",
            "scope_separator": ",",
            "reply_scope": "comma",
            "rotation": "single_use",
            "lifetime": 43200,
            "token_type": "user",
            "reply_shape": "slack",
            "error_dialect": "slack",
            "revocation_needs_client": False,
            "callback_iss": "missing",
        },
    ),
    # Form-encoded unless JSON is asked for; errors with 200; both tokens are replaced and the old ones die at once.
    "github": Behaviour(
        authorize="/login/oauth/authorize",
        token="/login/oauth/access_token",
        revoke="",
        introspect="",
        has_metadata=False,
        switches={
            "pkce": "optional",
            "rotation": "single_use",
            "reuse_detection": False,
            "refresh_revokes_access": True,
            "lifetime": 28800,
            "refresh_lifetime": 15897600,
            "token_type": "bearer",
            "reply_scope": "comma",
            "reply_encoding": "form_without_accept",
            "error_dialect": "github",
            "callback_iss": "missing",
        },
    ),
    # A refresh token comes with the scope offline_access, is replaced on use and the old one goes on; the scope is
    # said again on refresh, and the reply may grant less of it.
    "microsoft": Behaviour(
        authorize="/common/oauth2/v2.0/authorize",
        token="/common/oauth2/v2.0/token",
        revoke="",
        introspect="",
        has_metadata=False,
        switches={
            "pkce": "optional",
            "rotation": "rotating",
            "lifetime": 3599,
            "refresh_token_given": "offline_access_scope",
            "refresh_needs_scope": True,
            "reply_extra": {"ext_expires_in": 3599},
            "error_dialect": "microsoft",
            "callback_iss": "missing",
        },
    ),
}
