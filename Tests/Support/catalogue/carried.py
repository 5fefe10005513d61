"""What a request carries: its parameters, each with the place it came in."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import Any

from serving.forms import FormError, decode_pairs, decode_value
from serving.http1 import Request

_ENCODINGS = {"application/x-www-form-urlencoded": "form", "application/json": "json"}


@dataclass(slots=True)
class Carried:
    """The parameters of one request, read but not judged."""

    query: list[tuple[str, Any]] = field(default_factory=list)
    body: list[tuple[str, Any]] = field(default_factory=list)
    #: form, json; empty: there is no body; else its media type.
    encoding: str = ""
    #: What of it could not be read.
    complaints: list[str] = field(default_factory=list)

    def parameters(self, content: str) -> list[tuple[str, Any]]:
        """Those in the place that is right for form, json or query."""
        if content == "query":
            return self.query
        return self.body if self.encoding == content else []

    def anywhere(self) -> list[tuple[str, Any]]:
        """Those in any place."""
        return self.query + self.body


def read_carried(request: Request) -> Carried:
    """Reads query and body, the body as what its Content-Type says."""
    carried = Carried()
    try:
        carried.query = list(decode_pairs(request.query))
    except FormError as error:
        carried.complaints.append(f"the query is malformed: {error}")
    if not request.body:
        return carried
    media_type = (request.header("content-type") or "of no type").partition(";")[0].strip().lower()
    carried.encoding = _ENCODINGS.get(media_type, media_type)
    try:
        if carried.encoding == "form":
            carried.body = list(decode_pairs(request.body.decode("latin-1")))
        elif carried.encoding == "json":
            carried.body = _read_json(request.body)
    except (FormError, ValueError) as error:
        carried.complaints.append(f"the body is malformed: {error}")
    return carried


def read_basic(authorization: str) -> tuple[str, str]:
    """User and password of HTTP Basic, as they are before any decoding; raises FormError."""
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise FormError(f"the Authorization scheme is {scheme}, not Basic")
    try:
        user, colon, password = base64.b64decode(credentials.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise FormError(f"malformed Basic credentials: {error}") from None
    if not colon:
        raise FormError("malformed Basic credentials: no colon")
    return user, password


def decoded_basic(authorization: str) -> tuple[str, str]:
    """Client id and secret, each form-urlencoded before they were joined (RFC 6749 section 2.3.1); raises FormError."""
    user, password = read_basic(authorization)
    return decode_value(user), decode_value(password)


def _read_json(body: bytes) -> list[tuple[str, Any]]:
    """The members of an object, those that come twice included."""
    pairs: list[tuple[str, Any]] = []

    def keep(members: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal pairs
        # The outermost object is done last.
        pairs = members
        return dict(members)

    if not isinstance(json.loads(body, object_pairs_hook=keep), dict):
        raise FormError("it is no JSON object")
    return pairs
