"""The token endpoint (RFC 6749 sections 4.1.3, 4.4 and 6)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from typing import Any

from serving.forms import FormError
from serving.http1 import Request

from provider.clients import Client, Clients
from provider.counters import Counters
from provider.errors import OAuthError, invalid_grant, invalid_request
from provider.forms import decode_form
from provider.grants import Code, Grants, Issued
from provider.id_token import id_token
from provider.replies import slack_exchange, slack_refresh, token_members, token_reply
from provider.server import Reply
from provider.switches import Switches

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
#: What may not stand in the URI of a request that has a body (RFC 6749 section 2.3.1).
_NEVER_IN_URI = ("client_id", "client_secret", "code", "code_verifier", "grant_type", "refresh_token", "token")


def read_parameters(request: Request, body_form: str = "form") -> dict[str, str]:
    """The parameters of a POST, from where `body_form` says they are."""
    content_type = (request.header("content-type") or "").split(";")[0].strip().lower()
    try:
        in_uri = decode_form(request.query)
        if body_form == "query":
            return in_uri
        if any(name in in_uri for name in _NEVER_IN_URI):
            raise invalid_request("parameters belong in the body, not in the URI")
        if body_form == "json":
            return _read_json(request.body, content_type)
        if content_type != "application/x-www-form-urlencoded":
            raise invalid_request("the body is not application/x-www-form-urlencoded")
        return decode_form(request.body.decode("ascii"))
    except FormError as error:
        raise invalid_request(str(error)) from None
    except UnicodeDecodeError:
        raise invalid_request("the body has bytes that should have been form-urlencoded") from None


def _read_json(body: bytes, content_type: str) -> dict[str, str]:
    try:
        members = json.loads(body, object_pairs_hook=_without_duplicates)
    except ValueError:
        members = None
    if content_type != "application/json" or not isinstance(members, dict):
        raise invalid_request("the body is no JSON object")
    if not all(isinstance(value, str) for value in members.values()):
        raise invalid_request("a member of the body is no string")
    return {name: value for name, value in members.items() if value}


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a member comes more than once")
    return dict(pairs)


class TokenEndpoint:
    """Exchanges codes, refresh tokens and client credentials for tokens."""

    def __init__(self, issuer: str, switches: Switches, clients: Clients, grants: Grants, counters: Counters) -> None:
        self.issuer = issuer
        self._switches = switches
        self._clients = clients
        self._grants = grants
        self._counters = counters

    def answer(self, request: Request) -> Reply:
        """The tokens asked for; raises OAuthError."""
        parameters = read_parameters(request, self._switches.request_body)
        method = self._switches.client_authentication
        client = self._clients.authenticate(request.header("authorization"), parameters, method)
        accept = request.header("accept")
        match parameters.get("grant_type"):
            case "authorization_code":
                return self._exchange(client, parameters, accept)
            case "refresh_token":
                return self._refresh(client, parameters, accept)
            case "client_credentials":
                return self._client_credentials(client, parameters, accept)
            case "exchange_access_token":
                return self._exchange_access_token(client, parameters, accept)
            case None:
                raise invalid_request("grant_type is missing")
            case _:
                raise OAuthError("unsupported_grant_type", "grant_type is not one known here")

    def _exchange(self, client: Client, parameters: dict[str, str], accept: str | None) -> Reply:
        value = parameters.get("code")
        if value is None:
            raise invalid_request("code is missing", "code")
        code = self._grants.use_up(value, client.id)
        if parameters.get("redirect_uri") != code.redirect_uri:
            raise invalid_grant("redirect_uri is not the one of the authorization request", "redirect_uri")
        _check_verifier(code, parameters.get("code_verifier"))
        self._counters.codes_redeemed += 1
        if self._switches.reply_shape == "slack":
            return token_reply(self._slack_exchange(code), self._switches, accept)
        issued = self._issue(code, code.scope + (code.user_scope or ()))
        members = token_members(issued, self._switches, refreshed=False)
        identity = id_token(self.issuer, client, issued.grant, self._switches.id_token_nonce, self._switches.lifetime)
        if identity is not None:
            members["id_token"] = identity
            issued.grant.id_tokens.append(identity)
        return token_reply(members, self._switches, accept)

    def _slack_exchange(self, code: Code) -> dict[str, object]:
        bot = token_members(self._issue(code, code.scope), self._switches, refreshed=False) if code.scope else None
        if not code.user_scope:
            return slack_exchange(bot, None)
        issued = self._issue(code, code.user_scope)
        return slack_exchange(bot, (issued.grant, token_members(issued, self._switches, refreshed=False)))

    def _issue(self, code: Code, scope: tuple[str, ...]) -> Issued:
        grant = self._grants.begin(code.client_id, code.user, scope, code.nonce)
        code.grants.append(grant)
        return self._grants.issue(grant, code.offline)

    def _refresh(self, client: Client, parameters: dict[str, str], accept: str | None) -> Reply:
        value = parameters.get("refresh_token")
        if value is None:
            raise invalid_request("refresh_token is missing", "refresh_token")
        if "code_verifier" in parameters:
            raise invalid_request("code_verifier belongs to the exchange of a code")
        scope = parameters.get("scope")
        if scope is None and self._switches.refresh_needs_scope:
            raise invalid_request("scope is missing", "scope")
        asked = tuple(scope.split(self._switches.scope_separator)) if scope else None
        issued = self._grants.refresh(value, client.id, asked)
        members = token_members(issued, self._switches, refreshed=True)
        if self._switches.reply_shape == "slack":
            members = slack_refresh(issued.grant, members)
        return token_reply(members, self._switches, accept)

    def _client_credentials(self, client: Client, parameters: dict[str, str], accept: str | None) -> Reply:
        if not client.secrets:
            raise OAuthError("unauthorized_client", "a public client has no credentials")
        scope = tuple(parameters.get("scope", "").split())
        issued = self._grants.issue(self._grants.begin(client.id, client.id, scope), with_refresh_token=False)
        return token_reply(token_members(issued, self._switches, refreshed=False), self._switches, accept)

    def _exchange_access_token(self, client: Client, parameters: dict[str, str], accept: str | None) -> Reply:
        """As providers without refresh tokens have it: a token that lives gets its successor."""
        value = parameters.get("access_token")
        if value is None:
            raise invalid_request("access_token is missing", "access_token")
        token = self._grants.access_tokens.get(value)
        if token is None or token.grant.client_id != client.id or not token.active:
            raise invalid_grant("the access token is unknown, revoked or expired", "access_token")
        issued = self._grants.issue(token.grant, with_refresh_token=False)
        return token_reply(token_members(issued, self._switches, refreshed=True), self._switches, accept)


def _check_verifier(code: Code, verifier: str | None) -> None:
    """RFC 7636 section 4.6; a verifier without a challenge is refused too (RFC 9700 section 4.8.2)."""
    if code.challenge is None:
        if verifier is not None:
            raise invalid_grant("code_verifier without code_challenge", "code")
        return
    if verifier is None or not _VERIFIER.fullmatch(verifier):
        raise invalid_grant("code_verifier is missing or malformed", "code")
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    if not hmac.compare_digest(digest, code.challenge):
        raise invalid_grant("code_verifier does not fit code_challenge", "code")
