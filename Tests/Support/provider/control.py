"""The control API, by which a test turns the switches, reads the counters and plays the user."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from time import time
from typing import Any
from urllib.parse import urlsplit

from serving.forms import FormError
from serving.http1 import Request

from provider.clients import Client
from provider.failures import FailureError, FailureRule
from provider.forms import decode_form
from provider.grants import Grant
from provider.replies import json_reply, token_members
from provider.server import HTTPServer, Reply
from provider.service import Provider
from provider.switches import SwitchError


class ControlError(ValueError):
    """The control request makes no sense."""


class Control:
    """Answers control requests. README.md lists them."""

    def __init__(self, provider: Provider, server: HTTPServer, info: dict[str, Any]) -> None:
        self._provider = provider
        self._server = server
        self._info = info
        self._routes: dict[tuple[str, str], Callable[[Any], Any]] = {
            ("GET", ""): lambda _: self._info,
            ("GET", "switches"): lambda _: provider.switches.as_dict(),
            ("PATCH", "switches"): self._set,
            ("GET", "counters"): lambda _: self._counters(),
            ("GET", "requests"): self._requests,
            ("GET", "failures"): lambda _: [rule.as_dict() for rule in provider.failures.rules],
            ("POST", "failures"): self._fail,
            ("DELETE", "failures"): lambda _: provider.failures.rules.clear(),
            ("GET", "clients"): lambda _: [client.as_dict() for client in provider.clients.all()],
            ("PUT", "clients"): self._register,
            ("GET", "grants"): lambda query: [_describe(grant) for grant in self._chosen(query)],
            ("POST", "grants"): self._grant,
            ("POST", "grants/kill"): self._kill,
            ("POST", "grants/expire"): self._expire,
            ("POST", "consent"): self._consent,
            ("POST", "listening"): self._listen,
            ("DELETE", "connections"): lambda _: self._server.close_connections(),
            ("POST", "reset"): lambda _: self._reset(),
        }

    async def handle(self, path: str, request: Request) -> Reply:
        """The reply to a control request; 400 says what is wrong with it, and nothing was changed."""
        route = self._routes.get((request.method, path))
        if route is None:
            return json_reply({"error": f"there is no {request.method} {path!r} here"}, 404)
        try:
            given = json.loads(request.body) if request.body else decode_form(request.query)
            result = route(given)
            if isinstance(result, Awaitable):
                result = await result
        except (ControlError, SwitchError, FailureError, FormError, json.JSONDecodeError) as error:
            return json_reply({"error": str(error)}, 400)
        self.apply()
        return json_reply({} if result is None else result)

    def apply(self) -> None:
        """Tells the wire what the switches say of it."""
        self._server.date_skew = self._provider.switches.date_skew
        self._server.requests_per_connection = self._provider.switches.requests_per_connection

    def _set(self, values: Any) -> dict[str, Any]:
        self._provider.switches.set_all(_object(values))
        return self._provider.switches.as_dict()

    def _counters(self) -> dict[str, Any]:
        connections = self._server.connections
        tokens = self._provider.grants.refresh_tokens.values()
        return self._provider.counters.as_dict() | {
            "connections_accepted": connections.accepted,
            "connections_open": connections.open,
            "connections_maximum": connections.maximum,
            "refresh_token_maximum_uses": max((token.uses for token in tokens), default=0),
        }

    def _requests(self, query: dict[str, str]) -> list[dict[str, Any]]:
        return [
            entry
            for entry in self._provider.counters.log
            if all(entry.get(name) == value for name, value in query.items())
        ]

    def _fail(self, value: Any) -> None:
        rules = [FailureRule.parse(item) for item in (value if isinstance(value, list) else [value])]
        self._provider.failures.rules.extend(rules)

    def _register(self, value: Any) -> None:
        members = _object(value, "client_id", "client_secrets", "redirect_uris")
        if not isinstance(members.get("client_id"), str):
            raise ControlError("client_id is missing")
        secrets, uris = members.get("client_secrets", []), members.get("redirect_uris", [])
        self._provider.clients.register(Client(members["client_id"], list(secrets), list(uris)))

    def _grant(self, value: Any) -> dict[str, Any]:
        members = _object(value, "user", "scope", "client_id", "expires_in", "refresh_token")
        provider = self._provider
        client_id = members.get("client_id") or self._info["client_id"]
        scope = tuple(members.get("scope", "read").split())
        grant = provider.grants.begin(client_id, members.get("user", provider.switches.user), scope)
        issued = provider.grants.issue(grant, members.get("refresh_token", True))
        reply = token_members(issued, provider.switches, refreshed=False)
        if "expires_in" in members:
            issued.access_token.expires_at = time() + members["expires_in"]
            reply["expires_in"] = members["expires_in"]
        return reply | {"grant_id": grant.id, "user": grant.user}

    def _kill(self, value: Any) -> dict[str, int]:
        grants = self._chosen(_object(value, "user", "grant_id", "client_id"))
        for grant in grants:
            grant.end("killed")
        return {"grants": len(grants)}

    def _expire(self, value: Any) -> dict[str, int]:
        members = _object(value, "user", "grant_id", "client_id", "what")
        what = members.pop("what", "access")
        if what not in ("access", "refresh", "both"):
            raise ControlError("what is access, refresh or both")
        grants = self._chosen(members)
        for grant in grants:
            for token in grant.access_tokens if what != "refresh" else ():
                token.expires_at = min(token.expires_at, time())
            for refresh_token in grant.refresh_tokens if what != "access" else ():
                refresh_token.expires_at = time()
        return {"grants": len(grants)}

    def _chosen(self, by: dict[str, Any]) -> list[Grant]:
        grants = self._provider.grants.of(by.get("user"), by.get("client_id"))
        return [grant for grant in grants if by.get("grant_id") in (None, grant.id)]

    def _consent(self, value: Any) -> dict[str, Any]:
        members = _object(value, "url", "user")
        parts = urlsplit(members.get("url", ""))
        if f"{parts.scheme}://{parts.netloc}{parts.path}" != self._provider.urls["authorization_endpoint"]:
            raise ControlError("url is not at this provider's authorization endpoint")
        user = members.get("user")
        self._provider.counters.saw("authorize", None, user or self._provider.switches.user, query=parts.query)
        reply = self._provider.authorization.answer(parts.query, user)
        location = reply.headers.get("Location")
        return {"status": reply.status, "location": location, "page": reply.body.decode() or None}

    async def _reset(self) -> None:
        self._provider.reset()
        await self._server.listen(self._server.port)
        self._server.connections.reset()

    async def _listen(self, value: Any) -> None:
        listening = _object(value, "listening").get("listening")
        if listening is True:
            await self._server.listen(self._server.port)
        elif listening is False:
            await self._server.stop_listening()
        else:
            raise ControlError("listening is true or false")


def _object(value: Any, *names: str) -> dict[str, Any]:
    """`value` as an object, with no members but `names` if any are given."""
    if not isinstance(value, dict):
        raise ControlError("the body is no JSON object")
    unknown = value.keys() - set(names) if names else set()
    if unknown:
        raise ControlError(f"there is no {', '.join(sorted(unknown))} here")
    return value


def _describe(grant: Grant) -> dict[str, Any]:
    return {
        "grant_id": grant.id,
        "user": grant.user,
        "client_id": grant.client_id,
        "scope": " ".join(grant.scope),
        "alive": grant.alive,
        "ended_by": grant.ended_by,
        "created_at": grant.created_at,
        "access_tokens": [
            {"token": token.value, "active": token.active, "expires_at": token.expires_at}
            for token in grant.access_tokens
        ],
        "refresh_tokens": [
            {"token": token.value, "active": token.active, "uses": token.uses, "spent": token.spent_at is not None}
            for token in grant.refresh_tokens
        ],
        "id_tokens": grant.id_tokens,
    }
