"""Replies in the provider's own words."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from time import time
from typing import Any
from urllib.parse import urlencode

from catalogue.habit import Habit, ReplyTemplate
from catalogue.placeholders import fill
from serving.http1 import Reply

_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_TYPES = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded; charset=utf-8",
    "text": "text/plain; charset=utf-8",
}


def json_reply(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """A reply in JSON that nothing keeps."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Reply(status, {"Content-Type": "application/json", **_NO_STORE, **(headers or {})}, body)


def render(template: ReplyTemplate, values: Mapping[str, str]) -> Reply:
    """A reply of a habit file, its placeholders filled."""
    now = time()
    content = fill(template.content, values, now)
    if template.encoding == "json":
        text = json.dumps(content, ensure_ascii=False)
    elif template.encoding == "form":
        text = urlencode({name: _in_form(value) for name, value in content.items()})
    else:
        text = content or ""
    headers = dict(_NO_STORE)
    if template.encoding:
        headers["Content-Type"] = _TYPES[template.encoding]
    # Names of headers are the same in whatever case.
    own = {name.lower() for name in template.headers}
    headers = {name: value for name, value in headers.items() if name.lower() not in own}
    return Reply(template.status, headers | fill(template.headers, values, now), text.encode())


def invalid_request(habit: Habit, kind: str, description: str) -> Reply:
    """A request that is not as the habit demands; in the shape of the endpoint's other errors, if they show one."""
    for error in sorted(habit.errors, key=lambda error: error.at != kind):
        content = error.reply.content
        if error.reply.encoding != "json" or not 200 <= error.reply.status < 429 or not isinstance(content, dict):
            continue
        if isinstance(content.get("error"), str):
            members = copy.deepcopy(content) | {"error": "invalid_request", "error_description": description}
            status = 200 if error.reply.status < 300 else 400
            return json_reply(members, status)
    return json_reply({"error": "invalid_request", "error_description": description}, 400)


def rejection(habit: Habit, kind: str, means: str, description: str) -> Reply:
    """A dead grant or a wrong client, in the provider's words or, where it has none, those of RFC 6749 section 5.2."""
    known = habit.error(means, kind)
    if known is not None:
        return render(known.reply, {})
    if means == "client_rejected":
        challenge = {"WWW-Authenticate": 'Basic realm="catalogue"'}
        return json_reply({"error": "invalid_client", "error_description": description}, 401, challenge)
    return json_reply({"error": "invalid_grant", "error_description": description}, 400)


def _in_form(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
