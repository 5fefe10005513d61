"""Codes, grants and their tokens: who consented to what, and what is still good."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass, field
from time import time
from typing import Any

from provider.counters import Counters
from provider.errors import OAuthError, invalid_grant
from provider.switches import Switches


@dataclass(slots=True)
class Code:
    """An authorization code and all it is bound to."""

    value: str
    client_id: str
    user: str
    redirect_uri: str
    scope: tuple[str, ...]
    #: Slack's second list, asked for as user_scope; None where that parameter was not sent.
    user_scope: tuple[str, ...] | None
    challenge: str | None
    nonce: str | None
    offline: bool
    expires_at: float
    used: bool = False
    grants: list[Grant] = field(default_factory=list)


@dataclass(slots=True)
class Grant:
    """What one consent gave; a family of tokens."""

    id: str
    client_id: str
    user: str
    scope: tuple[str, ...]
    created_at: float
    nonce: str | None = None
    alive: bool = True
    #: Why it ended: reuse, code_replayed, revoked, killed, too_many.
    ended_by: str = ""
    access_tokens: list[AccessToken] = field(default_factory=list)
    refresh_tokens: list[RefreshToken] = field(default_factory=list)
    id_tokens: list[str] = field(default_factory=list)

    def end(self, why: str) -> None:
        """Ends the grant and every token of it."""
        if self.alive:
            self.alive, self.ended_by = False, why


@dataclass(slots=True)
class AccessToken:
    """An access token; also once it is no good any more."""

    value: str
    grant: Grant
    scope: tuple[str, ...]
    expires_at: float
    revoked: bool = False

    @property
    def active(self) -> bool:
        """Whether an API takes it."""
        return self.grant.alive and not self.revoked and time() < self.expires_at


@dataclass(slots=True)
class RefreshToken:
    """A refresh token; also once it is no good any more."""

    value: str
    grant: Grant
    issued_at: float
    #: 0: never.
    expires_at: float
    #: When a successor was made for it; None: it is the newest, or tokens are not single use.
    spent_at: float | None = None
    uses: int = 0

    @property
    def active(self) -> bool:
        """Whether a refresh with it is due to succeed."""
        return self.grant.alive and self.spent_at is None and not self.expired

    @property
    def expired(self) -> bool:
        """Whether its own time is over."""
        return self.expires_at != 0 and time() >= self.expires_at


@dataclass(slots=True)
class Issued:
    """Tokens just made, to be told to the client."""

    grant: Grant
    access_token: AccessToken
    #: None: the reply has none.
    refresh_token: RefreshToken | None


class Grants:
    """All codes, grants and tokens there are."""

    def __init__(self, switches: Switches, counters: Counters) -> None:
        self._switches = switches
        self._counters = counters
        self._numbers = itertools.count(1)
        self.clear()

    def clear(self) -> None:
        """Forgets everything."""
        self.codes: dict[str, Code] = {}
        self.grants: dict[str, Grant] = {}
        self.access_tokens: dict[str, AccessToken] = {}
        self.refresh_tokens: dict[str, RefreshToken] = {}

    def _random(self, kind: str) -> str:
        return f"{kind}-{secrets.token_urlsafe(self._switches.token_bytes)}"

    def of(self, user: str | None = None, client_id: str | None = None) -> list[Grant]:
        """The grants of a user, of a client, of both, or all of them; oldest first."""
        return [
            grant
            for grant in self.grants.values()
            if user in (None, grant.user) and client_id in (None, grant.client_id)
        ]

    # Codes.

    def issue_code(self, **bound_to: Any) -> Code:
        """A new code."""
        code = Code(self._random("code"), expires_at=time() + self._switches.code_lifetime, **bound_to)
        self.codes[code.value] = code
        self._counters.codes_issued += 1
        return code

    def use_up(self, value: str, client_id: str) -> Code:
        """The code of that value, used up by the attempt; a second one ends what the first had given."""
        code = self.codes.get(value)
        if code is None or code.client_id != client_id:
            raise invalid_grant("there is no such code", "code")
        if code.used:
            self._counters.codes_replayed += 1
            for grant in code.grants:
                grant.end("code_replayed")
            raise invalid_grant("the code was used before", "code_used")
        code.used = True
        if time() >= code.expires_at:
            raise invalid_grant("the code has expired", "code")
        return code

    # Tokens.

    def begin(self, client_id: str, user: str, scope: tuple[str, ...], nonce: str | None = None) -> Grant:
        """A new grant, without tokens yet."""
        if self._switches.granted_scope == "subset" and len(scope) > 1:
            scope = scope[:-1]
        grant = Grant(f"grant-{next(self._numbers)}", client_id, user, scope, time(), nonce)
        self.grants[grant.id] = grant
        return grant

    def issue(self, grant: Grant, with_refresh_token: bool, scope: tuple[str, ...] | None = None) -> Issued:
        """The first tokens of a grant."""
        refresh_token = self._new_refresh_token(grant) if with_refresh_token else None
        if refresh_token is not None:
            self._drop_oldest(grant)
        return Issued(grant, self._new_access_token(grant, scope or grant.scope), refresh_token)

    def refresh(self, value: str, client_id: str, asked: tuple[str, ...] | None) -> Issued:
        """New tokens for a refresh token (RFC 6749 section 6, RFC 9700 section 4.14)."""
        token = self.refresh_tokens.get(value)
        if token is None or token.grant.client_id != client_id:
            raise invalid_grant("there is no such refresh token", "refresh_token")
        token.uses += 1
        self._counters.refresh_token_uses += 1
        if token.spent_at is not None:
            self._check_replay(token, token.spent_at)
        if not token.grant.alive or token.expired:
            self._counters.dead_refresh_tokens += 1
            raise invalid_grant("the refresh token is revoked or expired", "refresh_token")
        if asked is not None and not set(asked) <= set(token.grant.scope):
            raise OAuthError("invalid_scope", "the scope exceeds what was granted", cause="scope")
        if self._switches.refresh_revokes_access:
            for old in token.grant.access_tokens:
                old.revoked = True
        successor = self._rotate(token)
        return Issued(token.grant, self._new_access_token(token.grant, asked or token.grant.scope), successor)

    def _check_replay(self, token: RefreshToken, spent_at: float) -> None:
        if time() - spent_at < self._switches.replay_window:
            self._counters.replays_in_window += 1
            return
        self._counters.reuse += 1
        if self._switches.reuse_detection:
            token.grant.end("reuse")
        raise invalid_grant("the refresh token was used before", "refresh_token")

    def _rotate(self, token: RefreshToken) -> RefreshToken:
        # A reply that does not tell the new refresh token must not need one.
        if self._switches.rotation == "none" or self._switches.refreshed_refresh_token != "present":
            return token
        if self._switches.rotation == "single_use" and token.spent_at is None:
            token.spent_at = time()
        self._counters.rotations += 1
        return self._new_refresh_token(token.grant)

    def _new_access_token(self, grant: Grant, scope: tuple[str, ...]) -> AccessToken:
        token = AccessToken(self._random("access"), grant, scope, time() + self._switches.lifetime)
        self.access_tokens[token.value] = token
        grant.access_tokens.append(token)
        return token

    def _new_refresh_token(self, grant: Grant) -> RefreshToken:
        lifetime = self._switches.refresh_lifetime
        token = RefreshToken(self._random("refresh"), grant, time(), time() + lifetime if lifetime else 0)
        self.refresh_tokens[token.value] = token
        grant.refresh_tokens.append(token)
        return token

    def _drop_oldest(self, newest: Grant) -> None:
        limit = self._switches.max_refresh_tokens
        if limit:
            live = [grant for grant in self.of(newest.user, newest.client_id) if grant.alive and grant.refresh_tokens]
            for grant in live[: max(0, len(live) - limit)]:
                grant.end("too_many")
