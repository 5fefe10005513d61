"""The registered clients of one provider."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field

DEFAULT_REDIRECT_URI = "http://127.0.0.1:8790/callback"


@dataclass(frozen=True, slots=True)
class Client:
    """A client; without a secret it is a public one."""

    id: str
    secret: str | None
    redirect_uris: list[str] = field(default_factory=lambda: [DEFAULT_REDIRECT_URI])

    def accepts(self, secret: str | None) -> bool:
        """Whether `secret` is the client's; None is that of a public one."""
        if secret is None or self.secret is None:
            return secret is self.secret
        return hmac.compare_digest(secret.encode(), self.secret.encode())


class Clients:
    """Clients by id."""

    def __init__(self) -> None:
        self._clients: dict[str, Client] = {}

    def register(self, client: Client) -> None:
        """Adds a client, or replaces the one of that id."""
        self._clients[client.id] = client

    def find(self, client_id: str) -> Client | None:
        """The client of that id."""
        return self._clients.get(client_id)

    def with_secret(self, secret: str) -> Client | None:
        """The client of that secret, where it shows nothing else."""
        return next((client for client in self._clients.values() if client.accepts(secret)), None)

    def all(self) -> list[Client]:
        """Every client."""
        return list(self._clients.values())


def fresh_id(provider: str) -> str:
    """An id that no client has."""
    return f"{provider}-client-{secrets.token_hex(6)}"


def fresh_secret() -> str:
    """A secret with characters in it that a careless client would send unencoded."""
    return f"{secrets.token_urlsafe(18)}+/=&%{secrets.token_hex(2)}"
