"""Codes, grants and their tokens at one provider."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass, field

from catalogue.clients import Client
from catalogue.habit import KnownError


@dataclass(slots=True)
class Consent:
    """An authorization code and all it is bound to."""

    code: str
    client: Client
    redirect_uri: str
    state: str
    #: None: there was no code_challenge.
    challenge: str | None
    #: What the code was exchanged for.
    grant: Grant | None = None


@dataclass(slots=True)
class Grant:
    """What one consent gave, or a client's own credentials. Its newest tokens are the current ones."""

    id: str
    client: Client
    #: None: there was no consent.
    consent: Consent | None = None
    alive: bool = True
    #: Its first, short-lived token was exchanged for a long-lived one.
    upgraded: bool = False
    #: The error that told so, and will again.
    ended_by: KnownError | None = None
    access_tokens: list[str] = field(default_factory=list)
    refresh_tokens: list[str] = field(default_factory=list)

    def end(self, error: KnownError | None = None) -> None:
        """Ends the grant and every token of it."""
        if self.alive:
            self.alive, self.ended_by = False, error

    @property
    def access_token(self) -> str:
        """The current one; empty before the first."""
        return self.access_tokens[-1] if self.access_tokens else ""

    @property
    def refresh_token(self) -> str:
        """The current one; empty where there is none."""
        return self.refresh_tokens[-1] if self.refresh_tokens else ""


class Grants:
    """All codes, grants and tokens that a provider gave."""

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._numbers = itertools.count(1)
        self.consents: dict[str, Consent] = {}
        self.by_token: dict[str, Grant] = {}
        self.all: list[Grant] = []
        self._own: dict[str, Grant] = {}

    def consent(self, client: Client, redirect_uri: str, state: str, challenge: str | None) -> Consent:
        """A new code."""
        consent = Consent(self._random("code"), client, redirect_uri, state, challenge)
        self.consents[consent.code] = consent
        return consent

    def begin(self, client: Client, consent: Consent | None = None) -> Grant:
        """A new grant, without tokens yet."""
        grant = Grant(f"{self._provider}-grant-{next(self._numbers)}", client, consent)
        if consent is not None:
            consent.grant = grant
        self.all.append(grant)
        return grant

    def of_credentials(self, client: Client) -> Grant:
        """The one grant that a client has by its own credentials, since it was registered."""
        grant = self._own.get(client.id)
        if grant is None or grant.client is not client:
            grant = self._own[client.id] = self.begin(client)
        return grant

    def new_access_token(self, grant: Grant) -> str:
        """Issues one, which is the current one from now on."""
        return self._issue(grant, grant.access_tokens, "access")

    def new_refresh_token(self, grant: Grant) -> str:
        """Issues one, which is the current one from now on."""
        return self._issue(grant, grant.refresh_tokens, "refresh")

    def _issue(self, grant: Grant, tokens: list[str], kind: str) -> str:
        token = self._random(kind)
        tokens.append(token)
        self.by_token[token] = grant
        return token

    def _random(self, kind: str) -> str:
        return f"{self._provider}-{kind}-{secrets.token_urlsafe(24)}"
