"""The authorization endpoint (RFC 6749 section 4.1.1, RFC 7636, RFC 9207): the user consents to everything asked."""

from __future__ import annotations

import re
from urllib.parse import urlencode, urlsplit

from provider.clients import Client, Clients
from provider.forms import decode_form
from provider.grants import Grants
from provider.replies import text_reply
from provider.server import Reply
from provider.switches import Switches
from serving.forms import FormError

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_SCOPE_TOKEN = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")


class _Denied(Exception):
    """The request is answered by an error at the redirect URI."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error, self.description = error, description


class AuthorizationEndpoint:
    """Answers a browser that comes with an authorization request."""

    def __init__(self, issuer: str, switches: Switches, clients: Clients, grants: Grants) -> None:
        self.issuer = issuer
        self._switches = switches
        self._clients = clients
        self._grants = grants

    def answer(self, query: str, user: str | None = None) -> Reply:
        """A redirect with a code or an error; a page where it would be wrong to redirect (section 4.1.2.1).

        The user is `user`, or the one login_hint names, or the switch.
        """
        try:
            parameters = decode_form(query)
        except FormError as error:
            return text_reply(f"This authorization request is malformed: {error}.", 400)
        client = self._clients.find(parameters.get("client_id", ""))
        if client is None:
            return text_reply("This authorization request names no client known here.", 400)
        redirect_uri = parameters.get("redirect_uri", "")
        if redirect_uri not in client.redirect_uris:
            return text_reply("This authorization request has a redirect_uri that is not registered.", 400)
        user = user or parameters.get("login_hint") or self._switches.user
        try:
            reply = {"code": self._consent(parameters, client, redirect_uri, user)}
            reply |= self._switches.callback_extra
        except _Denied as denied:
            reply = {"error": denied.error}
            if denied.description:
                reply["error_description"] = denied.description
        return self._redirect(redirect_uri, reply, parameters.get("state"))

    def _consent(self, parameters: dict[str, str], client: Client, redirect_uri: str, user: str) -> str:
        if parameters.get("response_type") != "code":
            raise _Denied("unsupported_response_type", "response_type must be code")
        challenge = self._challenge(parameters)
        scope = self._scope(parameters.get("scope", ""))
        user_scope = self._scope(parameters["user_scope"]) if "user_scope" in parameters else None
        if not scope and not user_scope:
            raise _Denied("invalid_scope", "the request asks for no scope")
        if self._switches.callback_error:
            raise _Denied(self._switches.callback_error, self._switches.callback_error_description)
        before = self._grants.of(user, client.id)
        by_type = parameters.get("access_type") == "offline" and (
            not before or "consent" in parameters.get("prompt", "").split(" ")
        )
        offline = {
            "always": True,
            "never": False,
            "offline_access_type": by_type,
            "offline_access_scope": "offline_access" in scope,
        }[self._switches.refresh_token_given]
        return self._grants.issue_code(
            client_id=client.id,
            user=user,
            redirect_uri=redirect_uri,
            scope=scope,
            user_scope=user_scope,
            challenge=challenge,
            nonce=parameters.get("nonce"),
            offline=offline,
        ).value

    def _challenge(self, parameters: dict[str, str]) -> str | None:
        challenge = parameters.get("code_challenge")
        if challenge is None:
            if self._switches.pkce == "required":
                raise _Denied("invalid_request", "code_challenge is required")
            return None
        if self._switches.pkce == "forbidden":
            raise _Denied("invalid_request", "code_challenge is not known here")
        if parameters.get("code_challenge_method") != "S256":
            raise _Denied("invalid_request", "code_challenge_method must be S256")
        if not _CHALLENGE.fullmatch(challenge):
            raise _Denied("invalid_request", "code_challenge is no base64url of 32 bytes")
        return challenge

    def _scope(self, text: str) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(text.split(self._switches.scope_separator))) if text else ()
        for name in names:
            if not _SCOPE_TOKEN.fullmatch(name):
                raise _Denied("invalid_scope", "the scope is malformed")
            if self._switches.known_scopes and name not in self._switches.known_scopes:
                raise _Denied("invalid_scope", f"there is no scope {name}")
        return names

    def _redirect(self, redirect_uri: str, parameters: dict[str, str], state: str | None) -> Reply:
        if state is not None and self._switches.callback_state != "missing":
            parameters["state"] = state if self._switches.callback_state == "right" else "another-state"
        if self._switches.callback_iss != "missing":
            right = self._switches.callback_iss == "right"
            parameters["iss"] = self.issuer if right else "https://elsewhere.example"
        separator = "&" if urlsplit(redirect_uri).query else "?"
        location = f"{redirect_uri}{separator}{urlencode(parameters)}"
        return Reply(302, {"Location": location, "Cache-Control": "no-store"})
