"""The registered clients, and how one shows who it is at the token endpoint (RFC 6749 section 2.3)."""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass, field
from typing import Any

from provider.errors import OAuthError, invalid_request
from provider.forms import decode_strictly
from serving.forms import FormError


@dataclass
class Client:
    """A client; without secrets it is a public one. Any of its secrets is good, as while one is being replaced."""

    id: str
    secrets: list[str] = field(default_factory=list)
    redirect_uris: list[str] = field(default_factory=list)

    def accepts(self, secret: str) -> bool:
        """Whether `secret` is one of the client's."""
        return any(hmac.compare_digest(secret.encode(), known.encode()) for known in self.secrets)

    def as_dict(self) -> dict[str, Any]:
        """As the control API shows it."""
        return {"client_id": self.id, "client_secrets": self.secrets, "redirect_uris": self.redirect_uris}


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

    def all(self) -> list[Client]:
        """Every client."""
        return list(self._clients.values())

    def authenticate(self, authorization: str | None, parameters: dict[str, str], method: str) -> Client:
        """The client that made the request, by exactly one method, which must be `method` unless that is `any`."""
        body_id, body_secret = parameters.get("client_id"), parameters.get("client_secret")
        if authorization is not None:
            if body_secret is not None:
                raise invalid_request("the client authenticates by more than one method")
            client_id, secret = _basic(authorization)
            if body_id is not None and body_id != client_id:
                raise invalid_request("client_id differs from the one in Authorization")
            used = "client_secret_basic"
        elif body_id is None:
            raise _invalid_client("no client authentication", "client_id")
        else:
            client_id, secret, used = body_id, body_secret, "client_secret_post"
        client = self.find(client_id)
        if client is None:
            raise _invalid_client("there is no such client", "client_id")
        if not client.secrets:
            if secret:
                raise _invalid_client("a public client has no secret", "client_secret")
            return client
        if method not in ("any", used):
            raise _invalid_client(f"the client must authenticate by {method}", "client_secret")
        if secret is None or not client.accepts(secret):
            raise _invalid_client("the client secret is wrong", "client_secret")
        return client


def _basic(authorization: str) -> tuple[str, str | None]:
    """Id and secret of HTTP Basic, each form-urlencoded before they were joined (section 2.3.1)."""
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise _invalid_client("the Authorization scheme is not Basic", "client_id")
    try:
        text = base64.b64decode(credentials.strip(), validate=True).decode("ascii")
        client_id, colon, secret = text.partition(":")
        if not colon:
            raise FormError("no colon between id and secret")
        return decode_strictly(client_id), decode_strictly(secret)
    except (binascii.Error, UnicodeDecodeError, FormError) as error:
        raise _invalid_client(f"malformed Basic credentials: {error}", "client_secret") from None


def _invalid_client(description: str, cause: str) -> OAuthError:
    challenge = {"WWW-Authenticate": 'Basic realm="provider", charset="UTF-8"'}
    return OAuthError("invalid_client", description, status=401, cause=cause, headers=challenge)
