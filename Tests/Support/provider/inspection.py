"""What else is done with tokens: revocation (RFC 7009), introspection (RFC 7662), and an API that takes them."""

from __future__ import annotations

from typing import Any

from provider.clients import Clients
from provider.counters import Counters
from provider.errors import OAuthError, invalid_request
from provider.grants import AccessToken, Grants, RefreshToken
from provider.replies import json_reply
from provider.server import Reply
from provider.switches import Switches
from provider.tokens import read_parameters
from serving.http1 import Request


class Inspection:
    """The endpoints that look at tokens or end them."""

    def __init__(self, issuer: str, switches: Switches, clients: Clients, grants: Grants, counters: Counters) -> None:
        self.issuer = issuer
        self._switches = switches
        self._clients = clients
        self._grants = grants
        self._counters = counters

    def revoke(self, request: Request) -> Reply:
        """Ends a token, or the whole grant; 200 also for one that is unknown. Raises OAuthError."""
        parameters = read_parameters(request)
        authorization = request.header("authorization")
        bearer = _bearer(request)
        if self._switches.revocation_needs_client:
            client = self._clients.authenticate(authorization, parameters, self._switches.client_authentication)
        elif authorization is not None and bearer is None:
            client = self._clients.authenticate(authorization, parameters, "any")
        else:
            client = None
        value = parameters.get("token") or (None if self._switches.revocation_needs_client else bearer)
        if value is None:
            raise invalid_request("token is missing")
        token = self._find(value)
        alive = token is not None and token.active
        if token is not None and (client is None or client.id == token.grant.client_id):
            self._end(token)
        if not alive and self._switches.revoking_unknown == "invalid_token":
            raise OAuthError("invalid_token", "the token is unknown, expired or revoked")
        if self._switches.reply_shape == "slack":
            return json_reply({"ok": True, "revoked": alive})
        return json_reply({})

    def _end(self, token: AccessToken | RefreshToken) -> None:
        if self._switches.revocation_scope == "grant":
            for grant in self._grants.of(token.grant.user, token.grant.client_id):
                grant.end("revoked")
        elif isinstance(token, RefreshToken):
            token.grant.end("revoked")
        else:
            token.revoked = True

    def introspect(self, request: Request) -> Reply:
        """Says whether a token is active, to a client that has shown who it is. Raises OAuthError."""
        parameters = read_parameters(request)
        method = self._switches.client_authentication
        client = self._clients.authenticate(request.header("authorization"), parameters, method)
        if not client.secrets:
            raise OAuthError("invalid_client", "a public client may not introspect", status=401, cause="client_id")
        if "token" not in parameters:
            raise invalid_request("token is missing")
        token = self._find(parameters["token"])
        if token is None or not token.active:
            return json_reply({"active": False})
        grant = token.grant
        facts: dict[str, Any] = {
            "active": True,
            "iss": self.issuer,
            "sub": grant.user,
            "username": grant.user,
            "client_id": grant.client_id,
            "scope": " ".join(token.scope if isinstance(token, AccessToken) else grant.scope),
        }
        if token.expires_at:
            facts["exp"] = int(token.expires_at)
        if isinstance(token, AccessToken):
            facts["token_type"] = "Bearer"
        return json_reply(facts)

    def whoami(self, request: Request) -> Reply:
        """An API of the user's: takes an access token in the Authorization header and says whose it is (RFC 6750)."""
        value = _bearer(request)
        if value is None:
            return json_reply({"error": "no token"}, 401, {"WWW-Authenticate": "Bearer"})
        token = self._grants.access_tokens.get(value)
        if token is None or not token.active:
            if token is not None:
                self._counters.dead_access_tokens += 1
            challenge = 'Bearer error="invalid_token", error_description="unknown, expired or revoked"'
            return json_reply({"error": "invalid_token"}, 401, {"WWW-Authenticate": challenge})
        facts = {"user": token.grant.user, "grant_id": token.grant.id, "client_id": token.grant.client_id}
        return json_reply(facts | {"scope": " ".join(token.scope), "expires_at": token.expires_at})

    def user_of(self, value: str | None) -> str | None:
        """Whose token or code that is, whatever has become of it."""
        if value is None:
            return None
        found = self._find(value)
        if found is not None:
            return found.grant.user
        code = self._grants.codes.get(value)
        return code.user if code is not None else None

    def _find(self, value: str) -> AccessToken | RefreshToken | None:
        return self._grants.refresh_tokens.get(value) or self._grants.access_tokens.get(value)


def _bearer(request: Request) -> str | None:
    scheme, _, value = (request.header("authorization") or "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" and value else None
