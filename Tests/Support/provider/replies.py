"""How the provider spells what it says: token replies, errors, and the dialects of both."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from provider.errors import OAuthError
from provider.grants import AccessToken, Grant, Issued
from provider.server import Reply
from provider.switches import Switches

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}

_SLACK_ERRORS = {
    "code": "invalid_code",
    "code_used": "code_already_used",
    "redirect_uri": "bad_redirect_uri",
    "refresh_token": "invalid_refresh_token",
    "client_id": "invalid_client_id",
    "client_secret": "bad_client_secret",
}
_GITHUB_ERRORS = {
    "code": "bad_verification_code",
    "code_used": "bad_verification_code",
    "redirect_uri": "redirect_uri_mismatch",
    "refresh_token": "bad_refresh_token",
    "client_id": "incorrect_client_credentials",
    "client_secret": "incorrect_client_credentials",
}
_MICROSOFT_CODES = {
    "code": 70008,
    "code_used": 54005,
    "redirect_uri": 50011,
    "refresh_token": 700082,
    "client_id": 700016,
    "client_secret": 7000215,
    "scope": 900144,
}


def json_reply(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    """A reply in JSON that nothing keeps."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Reply(status, {"Content-Type": "application/json", **NO_STORE, **(headers or {})}, body)


def text_reply(text: str, status: int = 200) -> Reply:
    """A page of plain text, for a person."""
    return Reply(status, {"Content-Type": "text/plain; charset=utf-8"}, f"{text}\n".encode())


def token_members(issued: Issued, switches: Switches, refreshed: bool) -> dict[str, Any]:
    """The members of RFC 6749 section 5.1, as the switches have them."""
    token = issued.access_token
    members: dict[str, Any] = {"access_token": token.value}
    if switches.token_type != "missing":
        members["token_type"] = switches.token_type
    members |= _expiry(switches)
    if issued.refresh_token is not None:
        how = switches.refreshed_refresh_token if refreshed else "present"
        if how != "absent":
            members["refresh_token"] = {"empty": "", "null": None}.get(how, issued.refresh_token.value)
            if switches.refresh_lifetime:
                members["refresh_token_expires_in"] = int(switches.refresh_lifetime)
    return members | _scope(token, switches)


def _expiry(switches: Switches) -> dict[str, Any]:
    seconds = int(switches.lifetime)
    spelled: dict[str, Any] = {
        "number": seconds,
        "string": str(seconds),
        "null": None,
        "absurd": 10**18,
        "negative": -seconds,
        "text": "soon",
    }
    return {} if switches.expires_in == "missing" else {"expires_in": spelled[switches.expires_in]}


def _scope(token: AccessToken, switches: Switches) -> dict[str, Any]:
    scope = token.scope
    if switches.error_dialect == "microsoft":
        # Scopes about the token itself are not among those it carries.
        scope = tuple(name for name in scope if name not in ("offline_access", "openid"))
    match switches.reply_scope:
        case "missing":
            return {}
        case "array":
            return {"scope": list(scope)}
        case "comma":
            return {"scope": ",".join(scope)}
        case _:
            return {"scope": " ".join(scope)}


def slack_exchange(bot: dict[str, Any] | None, user: tuple[Grant, dict[str, Any]] | None) -> dict[str, Any]:
    """Slack's reply to a code: the bot's token at the top, the user's under `authed_user`."""
    reply = _slack_frame()
    if bot is not None:
        reply |= bot | {"token_type": "bot", "bot_user_id": "U0BOT"}
    if user is not None:
        grant, members = user
        reply["authed_user"] = {"id": f"U-{grant.user}"} | members
    return reply


def slack_refresh(grant: Grant, members: dict[str, Any]) -> dict[str, Any]:
    """Slack's reply to a refresh: whoever's token it is, at the top."""
    return _slack_frame() | members | {"user_id": f"U-{grant.user}"}


def _slack_frame() -> dict[str, Any]:
    return {
        "ok": True,
        "app_id": "A0TEST",
        "team": {"id": "T0TEST", "name": "Test"},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def token_reply(members: dict[str, Any], switches: Switches, accept: str | None) -> Reply:
    """A successful token reply, encoded as the server does for that Accept header."""
    members = members | switches.reply_extra
    if _speaks_forms(switches, accept):
        return _form_reply(members)
    return json_reply(members)


def error_reply(error: OAuthError, switches: Switches, accept: str | None) -> Reply:
    """A refusal, as this provider words it."""
    match switches.error_dialect:
        case "slack":
            return json_reply({"ok": False, "error": _SLACK_ERRORS.get(error.cause, error.error)})
        case "github":
            name = _GITHUB_ERRORS.get(error.cause, error.error)
            members = {"error": name, "error_description": error.description, "error_uri": "https://docs.example/"}
            return _form_reply(members) if _speaks_forms(switches, accept) else json_reply(members)
        case "microsoft":
            number = _MICROSOFT_CODES.get(error.cause, 90000)
            description = f"AADSTS{number}: {error.description}"
            members = {"error": error.error, "error_description": description}
            return json_reply(members | {"error_codes": [number]}, error.status, error.headers)
        case _:
            members = {"error": error.error}
            if error.description:
                members["error_description"] = error.description
            return json_reply(members, error.status, error.headers)


def _speaks_forms(switches: Switches, accept: str | None) -> bool:
    if switches.reply_encoding == "form_without_accept":
        return "json" not in (accept or "")
    return switches.reply_encoding == "form"


def _form_reply(members: dict[str, Any]) -> Reply:
    pairs = [(name, " ".join(value) if isinstance(value, list) else value) for name, value in members.items()]
    body = urlencode([(name, "" if value is None else value) for name, value in pairs])
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", **NO_STORE}
    return Reply(200, headers, body.encode())
