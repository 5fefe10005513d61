"""The provider itself: every endpoint, joined to the switches, the failures and the counters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from serving.forms import FormError
from serving.http1 import Request

from provider.authorization import AuthorizationEndpoint
from provider.behaviours import Behaviour
from provider.clients import Client, Clients
from provider.counters import Counters
from provider.errors import OAuthError
from provider.failures import Failures
from provider.forms import decode_form
from provider.grants import Grants
from provider.inspection import Inspection
from provider.replies import error_reply, json_reply, text_reply
from provider.server import Reply
from provider.switches import Switches
from provider.tokens import TokenEndpoint, read_parameters

_METADATA_PATHS = ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration")
_POST_ONLY = ("token", "revoke", "introspect")


class Provider:
    """One authorization server. `handle` answers its requests."""

    def __init__(self, issuer: str, behaviour: Behaviour, settings: dict[str, Any], clients: list[Client]) -> None:
        self.issuer = issuer
        self.behaviour = behaviour
        self._settings = behaviour.switches | settings
        self._registered = clients
        self.switches = Switches()
        self.counters = Counters()
        self.clients = Clients()
        self.grants = Grants(self.switches, self.counters)
        self.failures = Failures(self.switches, self.counters)
        self.authorization = AuthorizationEndpoint(issuer, self.switches, self.clients, self.grants)
        parts = (issuer, self.switches, self.clients, self.grants, self.counters)
        self._tokens = TokenEndpoint(*parts)
        self._inspection = Inspection(*parts)
        self._endpoints = {
            behaviour.authorize: "authorize",
            behaviour.token: "token",
            behaviour.revoke: "revoke",
            behaviour.introspect: "introspect",
            "/api/whoami": "whoami",
            "/redirected": "redirected",
        }
        if behaviour.has_metadata:
            self._endpoints |= dict.fromkeys(_METADATA_PATHS, "metadata")
        self._endpoints.pop("", None)
        self.reset()

    def reset(self) -> None:
        """As it was when it started."""
        self.switches.set_all(Switches().as_dict() | self._settings)
        self.failures.rules.clear()
        self.counters.reset()
        self.grants.clear()
        for client in self._registered:
            self.clients.register(Client(client.id, list(client.secrets), list(client.redirect_uris)))

    @property
    def urls(self) -> dict[str, str]:
        """The endpoints there are, as metadata names them."""
        paths = {
            "authorization_endpoint": self.behaviour.authorize,
            "token_endpoint": self.behaviour.token,
            "revocation_endpoint": self.behaviour.revoke,
            "introspection_endpoint": self.behaviour.introspect,
        }
        return {name: self.issuer + path for name, path in paths.items() if path}

    async def handle(self, request: Request) -> Reply:
        """The reply to a request of a client or of a user's browser."""
        endpoint = self._endpoints.get(request.path, "unknown")
        facts = self._facts(endpoint, request)
        with self.counters.under_way(endpoint):
            self.counters.saw(
                endpoint,
                facts["grant_type"],
                facts["user"],
                method=request.method,
                path=request.path,
                query=request.query,
                headers=request.headers,
                body=request.body.decode("utf-8", "replace"),
                connection=request.connection,
                connection_request=request.number,
            )
            rule = await self.failures.choose(endpoint, facts)
            if rule is not None and rule.when == "before":
                return self.failures.spoil(rule, request, None)
            reply = self._answer(endpoint, request)
            return reply if rule is None else self.failures.spoil(rule, request, reply)

    def _answer(self, endpoint: str, request: Request) -> Reply:
        if endpoint in _POST_ONLY and request.method != "POST":
            return Reply(405, {"Allow": "POST", "Content-Type": "text/plain"}, b"only POST\n")
        answers: dict[str, Callable[[Request], Reply]] = {
            "authorize": self._authorize,
            "token": self._tokens.answer,
            "revoke": self._inspection.revoke,
            "introspect": self._inspection.introspect,
            "whoami": self._inspection.whoami,
            "redirected": self._redirected,
            "metadata": lambda _: json_reply(self._metadata()),
            "unknown": lambda _: text_reply("There is nothing here.", 404),
        }
        try:
            return answers[endpoint](request)
        except OAuthError as error:
            self.counters.refused[error.error] += 1
            return error_reply(error, self.switches, request.header("accept"))

    def _authorize(self, request: Request) -> Reply:
        if request.method not in ("GET", "POST"):
            return Reply(405, {"Allow": "GET, POST"})
        query = request.query if request.method == "GET" else request.body.decode("utf-8", "replace")
        return self.authorization.answer(query)

    def _redirected(self, _: Request) -> Reply:
        self.counters.redirects_followed += 1
        return json_reply({"access_token": "from-where-you-were-redirected-to", "token_type": "Bearer"})

    def _metadata(self) -> dict[str, Any]:
        """RFC 8414 section 2 and OpenID Discovery section 3."""
        method = self.switches.client_authentication
        methods = ["client_secret_basic", "client_secret_post", "none"] if method == "any" else [method, "none"]
        document: dict[str, Any] = {
            "issuer": self.issuer if self.switches.metadata_issuer == "right" else "https://elsewhere.example",
            **self.urls,
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "token_endpoint_auth_methods_supported": methods,
            "authorization_response_iss_parameter_supported": self.switches.callback_iss != "missing",
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["HS256"],
        }
        if self.switches.pkce != "forbidden":
            document["code_challenge_methods_supported"] = ["S256"]
        if self.switches.known_scopes:
            document["scopes_supported"] = self.switches.known_scopes
        return document

    def _facts(self, endpoint: str, request: Request) -> dict[str, Any]:
        """What a request is about, found out without any effect; absent where it does not say."""
        facts: dict[str, Any] = {"grant_type": None, "user": None, "client_id": None}
        facts["connection_request"] = request.number
        try:
            if endpoint == "authorize":
                parameters = decode_form(request.query)
                facts["user"] = parameters.get("login_hint", self.switches.user)
            elif endpoint in _POST_ONLY:
                body_form = self.switches.request_body if endpoint == "token" else "form"
                parameters = read_parameters(request, body_form)
                facts["grant_type"] = parameters.get("grant_type") if endpoint == "token" else None
                value = parameters.get("refresh_token") or parameters.get("code") or parameters.get("token")
                facts["user"] = self._inspection.user_of(value)
            else:
                parameters = {}
                facts["user"] = self._inspection.user_of((request.header("authorization") or "").partition(" ")[2])
        except (FormError, OAuthError):
            return facts
        facts["client_id"] = parameters.get("client_id") or self._clients_id(request)
        return facts

    def _clients_id(self, request: Request) -> str | None:
        try:
            return self.clients.authenticate(request.header("authorization"), {}, "any").id
        except OAuthError:
            return None
