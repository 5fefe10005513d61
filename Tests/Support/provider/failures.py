"""Failures on order: rules that say which requests go wrong, and how."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from email.utils import formatdate
from time import time
from typing import Any
from urllib.parse import quote

from serving.forms import FormError
from serving.http1 import Request

from provider.counters import Counters
from provider.errors import OAuthError
from provider.forms import decode_form
from provider.replies import error_reply
from provider.server import Ending, Reply
from provider.switches import Switches

KINDS = {
    "latency": "answers, but only after `seconds`",
    "silence": "says nothing until the client goes away",
    "close": "closes the connection without a byte",
    "reset": "resets the connection without a byte",
    "half_reply": "sends half of the true reply's body, then closes",
    "status": "answers with `status`, Retry-After and `body`",
    "html": "answers with a page of HTML",
    "content_type": "sends the true reply as `content_type`",
    "empty": "answers without a body",
    "array": "answers with a JSON array",
    "broken_json": "answers with JSON that is cut off",
    "big": "answers with a body of `size` bytes",
    "error": "answers with the OAuth error `error`, in the provider's dialect",
    "echo": "answers with the OAuth error `error`, whose description repeats what was sent",
    "redirect": "redirects to `location`",
    "member": "sets `member` of the true reply to `value`, or leaves it out",
}
#: These change the true reply, so there must be one.
_ALWAYS_AFTER = {"half_reply", "content_type", "member"}
#: How an echo spells what it repeats.
SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": lambda text: text,
    "half": lambda text: text[: len(text) // 2],
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64url": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "hex": lambda text: text.encode().hex(),
    "url": lambda text: quote(text, safe=""),
    "url_in_percent": lambda text: f"100% {quote(text, safe='')}%2",
}
_STATUS = {"status": 503, "redirect": 307}
_LEFT_OUT = "left out"


class FailureError(ValueError):
    """The rule makes no sense."""


@dataclass
class FailureRule:
    """Which requests fail, how often and how. README.md says what each member means."""

    kind: str

    # Which requests.
    endpoint: str = "token"
    grant_type: str | None = None
    user: str | None = None
    client_id: str | None = None
    connection_request: int | None = None
    skip: int = 0
    #: None: until the rule is removed.
    count: int | None = 1

    # Before the request is processed, or after, so that only the reply is lost.
    when: str = "before"

    seconds: float = 1
    status: int | None = None
    retry_after: int | None = None
    retry_after_form: str = "seconds"
    body: str = "out of order\n"
    content_type: str = "text/html"
    error: str = "server_error"
    error_description: str = ""
    #: What an echo repeats: `request`, `authorization`, or the name of a parameter.
    repeat: str = "request"
    spelled: str = "plain"
    location: str = "/redirected"
    size: int = 10 * 1024 * 1024
    chunked: bool = False
    member: str = "access_token"
    value: Any = _LEFT_OUT

    @classmethod
    def parse(cls, value: Any) -> FailureRule:
        """A rule from its JSON object; raises FailureError."""
        if not isinstance(value, dict) or value.get("kind") not in KINDS:
            raise FailureError(f"a rule is an object whose kind is one of {', '.join(KINDS)}")
        unknown = value.keys() - {entry.name for entry in fields(cls)}
        if unknown:
            raise FailureError(f"a rule has no {', '.join(sorted(unknown))}")
        rule = cls(**value)
        if rule.kind in _ALWAYS_AFTER:
            rule.when = "after"
        if rule.when not in ("before", "after") or rule.retry_after_form not in ("seconds", "date"):
            raise FailureError("when is before or after, retry_after_form is seconds or date")
        if rule.spelled not in SPELLINGS:
            raise FailureError(f"spelled is one of {', '.join(SPELLINGS)}")
        for name in ("connection_request", "skip", "count", "seconds", "status", "retry_after", "size"):
            number = getattr(rule, name)
            if number is not None and (isinstance(number, bool) or not isinstance(number, (int, float))):
                raise FailureError(f"{name} is a number")
        return rule

    def matches(self, endpoint: str, facts: dict[str, Any]) -> bool:
        """Whether a request to that endpoint is one of those meant."""
        if self.endpoint not in ("any", endpoint) or self.count == 0:
            return False
        wanted = ("grant_type", "user", "client_id", "connection_request")
        return all(getattr(self, name) in (None, facts.get(name)) for name in wanted)

    def as_dict(self) -> dict[str, Any]:
        """As the control API shows it."""
        return asdict(self)


class Failures:
    """The rules in force, first come first served."""

    def __init__(self, switches: Switches, counters: Counters) -> None:
        self.rules: list[FailureRule] = []
        self._switches = switches
        self._counters = counters

    async def choose(self, endpoint: str, facts: dict[str, Any]) -> FailureRule | None:
        """Waits as long as the request is to wait, and returns the rule that spoils it, if any does."""
        delay = self._switches.latency
        chosen: FailureRule | None = None
        for rule in self.rules:
            if not rule.matches(endpoint, facts) or (chosen is not None and rule.kind != "latency"):
                continue
            if rule.skip > 0:
                rule.skip -= 1
                continue
            if rule.count is not None:
                rule.count -= 1
            self._counters.failures[rule.kind] += 1
            if rule.kind == "latency":
                delay += rule.seconds
            else:
                chosen = rule
        self.rules[:] = [rule for rule in self.rules if rule.count != 0]
        if delay > 0:
            await asyncio.sleep(delay)
        return chosen

    def spoil(self, rule: FailureRule, request: Request, reply: Reply | None) -> Reply:
        """What is sent instead of `reply`, which is None where the request was not processed."""
        accept = request.header("accept")
        match rule.kind:
            case "silence":
                return Reply(ending=Ending.SILENCE)
            case "close":
                return Reply(ending=Ending.NOTHING)
            case "reset":
                return Reply(ending=Ending.RESET)
            case "half_reply":
                return _half(reply)
            case "content_type":
                return _retyped(reply, rule.content_type)
            case "member":
                return _changed(reply, rule.member, rule.value)
            case "error":
                return self._refuse(rule, rule.error_description, accept)
            case "echo":
                said = SPELLINGS[rule.spelled](_sent(request, rule.repeat))
                return self._refuse(rule, f"{rule.error_description}{said}", accept)
            case _:
                return _canned(rule)

    def _refuse(self, rule: FailureRule, description: str, accept: str | None) -> Reply:
        status = rule.status or (401 if rule.error == "invalid_client" else 400)
        return error_reply(OAuthError(rule.error, description, status), self._switches, accept)


def _sent(request: Request, what: str) -> str:
    """That part of a request; empty where it has none."""
    authorization, body = request.header("authorization") or "", request.body.decode("utf-8", "replace")
    if what == "request":
        return " ".join(filter(None, (authorization, request.query, body)))
    if what == "authorization":
        return authorization
    try:
        return (decode_form(request.query) | decode_form(body)).get(what, "")
    except FormError:
        return ""


def _canned(rule: FailureRule) -> Reply:
    bodies: dict[str, tuple[str, str]] = {
        "status": ("text/plain", rule.body),
        "html": (
            "text/html; charset=utf-8",
            "<!doctype html><title>Welcome</title><h1>Please sign in to the network</h1>",
        ),
        "empty": ("application/json", ""),
        "array": ("application/json", '[{"access_token": "in-an-array", "token_type": "Bearer"}]'),
        "broken_json": ("application/json", '{"access_token": "cut-'),
        "redirect": ("text/plain", "elsewhere\n"),
    }
    status = rule.status or _STATUS.get(rule.kind, 200)
    if rule.kind == "big":
        head, tail = b'{"access_token": "big", "token_type": "Bearer", "padding": "', b'"}'
        body = head + b"a" * max(0, rule.size - len(head) - len(tail)) + tail
        return Reply(status, {"Content-Type": "application/json"}, body, chunked=rule.chunked)
    content_type, text = bodies[rule.kind]
    headers = {"Content-Type": content_type}
    if rule.kind == "redirect":
        headers["Location"] = rule.location
    if rule.retry_after is not None:
        as_date = rule.retry_after_form == "date"
        headers["Retry-After"] = (
            formatdate(time() + rule.retry_after, usegmt=True) if as_date else str(rule.retry_after)
        )
    return Reply(status, headers, text.encode(), chunked=rule.chunked)


def _half(reply: Reply | None) -> Reply:
    assert reply is not None
    reply.ending = Ending.HALF
    return reply


def _retyped(reply: Reply | None, content_type: str) -> Reply:
    assert reply is not None
    reply.headers["Content-Type"] = content_type
    return reply


def _changed(reply: Reply | None, member: str, value: Any) -> Reply:
    assert reply is not None
    members = json.loads(reply.body)
    members.pop(member, None)
    if value != _LEFT_OUT:
        members[member] = value
    reply.body = json.dumps(members).encode()
    return reply
