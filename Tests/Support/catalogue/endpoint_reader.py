"""Reads what a habit file says of one endpoint: where it is, what it demands, what it answers."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

from catalogue.address import Address, AddressError, parse_address
from catalogue.habit import Authorize, Endpoint, ReplyTemplate
from catalogue.node import Node
from catalogue.placeholders import MOMENTS, found

_AUTHENTICATIONS = ("basic", "post", "secret_as_user", "none")
_ROTATIONS = ("none", "rotating", "single_use")
_OF_GRANT = frozenset({"client_id", "redirect_uri", "access_token", "refresh_token"})

#: Placeholders that may stand in `requires` and `headers`.
_REQUIRED = {
    "exchange": frozenset({"client_id", "redirect_uri", "state", "code", "verifier"}),
    "upgrade": _OF_GRANT,
    "refresh": _OF_GRANT,
    "revoke": _OF_GRANT,
}
#: Those that may stand in `reply`.
_REPLIED = {
    "exchange": MOMENTS | {"access_token", "refresh_token"},
    "upgrade": MOMENTS | {"access_token", "refresh_token", "same_access_token"},
    "refresh": MOMENTS | {"access_token", "refresh_token", "same_access_token"},
    "revoke": MOMENTS,
}


def read_authorize(node: Node) -> Authorize:
    """The member `authorize`."""
    members = node.members(required=("url", "requires", "callback"), optional=("forbids", "client_id_parameter"))
    callback = _read_texts(members["callback"])
    _check_placeholders(members["callback"], {"code", "state"}, "in a callback")
    for value in ("$code", "$state"):
        if value not in callback.values():
            members["callback"].complain(f"has no {value}")
    return Authorize(
        address=read_address(members["url"]),
        requires=_read_requires(members["requires"], {"client_id", "redirect_uri", "state"}, "authorize"),
        forbids=_read_forbids(members["forbids"], members["requires"]),
        callback=callback,
        client_id_parameter=_client_id_parameter(members),
    )


def read_endpoint(node: Node, kind: str, flow: str) -> Endpoint:
    """The member that has the name of the kind."""
    members = node.members(
        required=("method", "url", "authentication", "content", "requires", "reply"),
        optional=("forbids", "headers", "client_id_parameter", "client_secret_parameter", "rotation"),
    )
    if kind != "refresh" and members["rotation"].is_given:
        members["rotation"].complain("belongs to refresh")
    required = {"client_id"} if flow == "reacquire" and kind == "refresh" else _REQUIRED[kind]
    _check_placeholders(members["headers"], required, f"in what {kind} requires")
    method = members["method"].choice(("POST", "GET"))
    content = members["content"].choice(("form", "json", "query"))
    if method == "GET" and content != "query":
        members["content"].complain("a GET has its parameters in the query")
    return Endpoint(
        kind=kind,
        address=read_address(members["url"]),
        method=method,
        authentication=members["authentication"].choice(_AUTHENTICATIONS),
        content=content,
        requires=_read_requires(members["requires"], required, kind),
        forbids=_read_forbids(members["forbids"], members["requires"]),
        headers=_read_texts(members["headers"]),
        reply=read_reply(members["reply"], _REPLIED[kind], f"in a reply of {kind}"),
        client_id_parameter=_client_id_parameter(members),
        client_secret_parameter=members["client_secret_parameter"].text() or "client_secret",
        rotation=members["rotation"].choice(_ROTATIONS),
    )


def read_reply(node: Node, placeholders: AbstractSet[str], where: str) -> ReplyTemplate:
    """A reply that may have those placeholders."""
    members = node.members(required=("status",), optional=("headers", "json", "form", "text"))
    _check_placeholders(node, placeholders, where)
    status = members["status"].number()
    if type(members["status"].value) is int and not 200 <= status <= 599:
        members["status"].complain(f"{status} is no status of a reply")
    encodings = [encoding for encoding in ("json", "form", "text") if members[encoding].is_given]
    if len(encodings) > 1:
        node.complain(f"has {' and '.join(encodings)}, of which there can be one")
    members["text"].text()
    for value in members["form"].entries().values():
        _check_single(value)
    encoding = encodings[0] if encodings else ""
    content = members[encoding].value if encoding else None
    return ReplyTemplate(status, _read_texts(members["headers"]), encoding, content)


def read_address(node: Node) -> Address:
    """The URL of an endpoint."""
    text = node.text()
    try:
        return parse_address(text)
    except AddressError as error:
        if isinstance(node.value, str):
            node.complain(str(error))
        return Address("", 443, "/")


def _read_texts(node: Node) -> dict[str, str]:
    return {name: value.text() for name, value in node.entries().items()}


def _read_requires(node: Node, placeholders: AbstractSet[str], kind: str) -> dict[str, Any]:
    members = node.entries()
    for value in members.values():
        _check_single(value)
    _check_placeholders(node, placeholders, f"in what {kind} requires")
    return {name: value.value for name, value in members.items()}


def _read_forbids(node: Node, required: Node) -> tuple[str, ...]:
    names = []
    for element in node.elements():
        name = element.text()
        names.append(name)
        if isinstance(required.value, dict) and name in required.value:
            element.complain(f"{name} is required too")
    return tuple(names)


def _client_id_parameter(members: dict[str, Node]) -> str:
    """As it is named; else the parameter that must be the client's id; else the standard's name."""
    required = members["requires"].value if isinstance(members["requires"].value, dict) else {}
    names = [name for name, value in required.items() if value == "$client_id"]
    return members["client_id_parameter"].text() or (names[0] if names else "client_id")


def _check_single(node: Node) -> None:
    if not isinstance(node.value, str | int | float):
        node.complain("must be text, a number or a boolean")


def _check_placeholders(node: Node, known: AbstractSet[str], where: str) -> None:
    """Complains of placeholders that are not `known` there, at the very string that has them."""
    if isinstance(node.value, dict):
        for child in node.entries().values():
            _check_placeholders(child, known, where)
    elif isinstance(node.value, list):
        for child in node.elements():
            _check_placeholders(child, known, where)
    else:
        for match in found(node.value):
            if match[1] not in known:
                listed = ", ".join(f"${name}" for name in sorted(known)) or "none"
                node.complain(f"there is no placeholder {match[0]} {where}; there are {listed}")
            elif match[2] is not None and match[1] not in MOMENTS:
                node.complain(f"${match[1]} takes no +{match[2]}")
