"""The control API, by which a test registers clients, plays the user, orders errors and reads what was seen."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from catalogue.authorization import NotApproved, approve
from catalogue.catalogue import Catalogue
from catalogue.clients import DEFAULT_REDIRECT_URI, Client, fresh_id, fresh_secret
from catalogue.grants import Grant
from catalogue.provider import Provider
from catalogue.replies import json_reply
from serving.forms import FormError, decode_pairs
from serving.http1 import Reply, Request

_PREFIX = "/control/"


class ControlError(ValueError):
    """The control request makes no sense."""


class Control:
    """Answers control requests. README.md lists them."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._routes: dict[tuple[str, str], Callable[[dict[str, Any]], Any]] = {
            ("GET", "habits"): self._habits,
            ("GET", "providers"): self._reports,
            ("GET", "providers/NAME"): self._report,
            ("DELETE", "providers/NAME/problems"): self._forget,
            ("POST", "clients"): self._register,
            ("GET", "clients"): self._clients,
            ("POST", "approve"): self._approve,
            ("POST", "errors"): self._order,
            ("GET", "tokens"): self._tokens,
            ("POST", "check"): self._check,
        }

    def handle(self, request: Request) -> Reply:
        """The reply to a control request; 400 says what is wrong with it, and nothing was changed."""
        if not request.path.startswith(_PREFIX):
            return json_reply(
                {"error": f"this is a proxy, and {_PREFIX} its control; nothing is at {request.path}"}, 404
            )
        path, members = request.path.removeprefix(_PREFIX).strip("/"), {}
        if path.startswith("providers/"):
            _, members["provider"], *rest = path.split("/")
            path = "/".join(["providers", "NAME", *rest])
        route = self._routes.get((request.method, path))
        if route is None:
            return json_reply({"error": f"there is no {request.method} {request.path} here"}, 404)
        try:
            given = json.loads(request.body) if request.body else dict(decode_pairs(request.query))
            if not isinstance(given, dict):
                raise ControlError("the body is no JSON object")
            return json_reply(route(given | members))
        except (ControlError, FormError, json.JSONDecodeError) as error:
            return json_reply({"error": str(error)}, 400)

    # Reading.

    def _habits(self, members: dict[str, Any]) -> dict[str, Any]:
        _only(members)
        habits = {name: provider.habit for name, provider in self._catalogue.providers.items()}
        return {
            name: {"name": name, **habit.source, "hosts": sorted({host for host, _, _ in habit.places})}
            for name, habit in habits.items()
        }

    def _reports(self, members: dict[str, Any]) -> dict[str, Any]:
        _only(members)
        return {name: provider.report(None) for name, provider in self._catalogue.providers.items()}

    def _report(self, members: dict[str, Any]) -> dict[str, Any]:
        _only(members, "provider", "client_id")
        return self._provider(members).report(_text(members, "client_id"))

    def _forget(self, members: dict[str, Any]) -> list[str]:
        _only(members, "provider", "client_id")
        return self._provider(members).record.forget_problems(_text(members, "client_id"))

    def _clients(self, members: dict[str, Any]) -> list[dict[str, Any]]:
        _only(members, "provider")
        provider = self._provider(members)
        return [_describe_client(provider, client) for client in provider.clients.all()]

    def _tokens(self, members: dict[str, Any]) -> list[dict[str, Any]]:
        _only(members, "provider", "client_id")
        grants = self._provider(members).grants_of(_text(members, "client_id"))
        return [_describe_grant(grant) for grant in grants]

    def _check(self, members: dict[str, Any]) -> dict[str, Any]:
        _only(members, "provider", "access_token")
        token = _needed(members, "access_token")
        grant = self._provider(members).grants.by_token.get(token)
        if grant is None or token not in grant.access_tokens:
            return {"known": False, "current": False, "alive": False, "issued": 0}
        issued = len(grant.access_tokens)
        return {"known": True, "current": token == grant.access_token, "alive": grant.alive, "issued": issued}

    # Doing.

    def _register(self, members: dict[str, Any]) -> dict[str, Any]:
        _only(members, "provider", "client_id", "client_secret", "redirect_uris")
        provider = self._provider(members)
        client_id = _text(members, "client_id") or fresh_id(provider.name)
        secret = _text(members, "client_secret")
        if provider.habit.public and secret is not None:
            raise ControlError(f"the clients of {provider.name} are public: they have no client_secret")
        if not provider.habit.public:
            secret = secret or fresh_secret()
        uris = members.get("redirect_uris", [DEFAULT_REDIRECT_URI])
        if not isinstance(uris, list) or not uris or not all(isinstance(uri, str) and uri for uri in uris):
            raise ControlError("redirect_uris is no list of URIs")
        for other in self._catalogue.neighbours(provider):
            if other.clients.find(client_id) is not None:
                raise ControlError(
                    f"{client_id} is a client of {other.name}, which shares endpoints with {provider.name}"
                )
        client = Client(client_id, secret, list(uris))
        provider.clients.register(client)
        return _describe_client(provider, client)

    def _approve(self, members: dict[str, Any]) -> dict[str, str]:
        _only(members, "provider", "url", "client_id")
        try:
            location = approve(self._provider(members), _needed(members, "url"), _text(members, "client_id"))
            return {"location": location}
        except NotApproved as error:
            return {"problem": str(error)}

    def _order(self, members: dict[str, Any]) -> dict[str, Any]:
        _only(members, "provider", "client_id", "index", "times")
        provider = self._provider(members)
        client_id, errors = _text(members, "client_id"), provider.habit.source["errors"]
        index, times = members.get("index"), members.get("times", 1)
        if type(index) is not int or not 0 <= index < len(errors):
            raise ControlError(f"index is none of the {len(errors)} errors of {provider.name}")
        if type(times) is not int or times < 1:
            raise ControlError("times is no number from 1")
        if client_id is not None and provider.clients.find(client_id) is None:
            raise ControlError(f"there is no client {client_id} at {provider.name}")
        provider.order_error(client_id, index, times)
        return dict(errors[index])

    def _provider(self, members: dict[str, Any]) -> Provider:
        name = _needed(members, "provider")
        if name not in self._catalogue.providers:
            raise ControlError(f"there is no provider {name}")
        return self._catalogue.providers[name]


def _only(members: dict[str, Any], *names: str) -> None:
    unknown = members.keys() - set(names)
    if unknown:
        raise ControlError(f"there is no {', '.join(sorted(unknown))} here")


def _text(members: dict[str, Any], name: str) -> str | None:
    value = members.get(name)
    if value is not None and (not isinstance(value, str) or not value):
        raise ControlError(f"{name} is no text")
    return value


def _needed(members: dict[str, Any], name: str) -> str:
    value = _text(members, name)
    if value is None:
        raise ControlError(f"{name} is missing")
    return value


def _describe_client(provider: Provider, client: Client) -> dict[str, Any]:
    return {
        "provider": provider.name,
        "client_id": client.id,
        "client_secret": client.secret,
        "redirect_uris": client.redirect_uris,
    }


def _describe_grant(grant: Grant) -> dict[str, Any]:
    return {
        "grant": grant.id,
        "client_id": grant.client.id,
        "alive": grant.alive,
        "access_token": grant.access_token or None,
        "refresh_token": grant.refresh_token or None,
        "issued": len(grant.access_tokens),
    }
