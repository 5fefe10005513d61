"""Reads a habit file's JSON, and complains of all that does not fit the format."""

from __future__ import annotations

from typing import Any

from catalogue.endpoint_reader import read_address, read_authorize, read_endpoint, read_reply
from catalogue.habit import KINDS, Habit, KnownError
from catalogue.node import Node
from catalogue.placeholders import MOMENTS

_FLOWS = ("code", "reacquire")
_MEANINGS = {
    "exchange": ("refused", "unreachable"),
    "upgrade": ("refused", "unreachable"),
    "refresh": ("grant_rejected", "client_rejected", "transient", "request_rejected"),
    "revoke": ("refused", "unreachable"),
}


def read_habit(name: str, top: Node) -> Habit:
    """The habit in a file. It makes sense only if nothing was added to the complaints of `top`."""
    members = top.members(
        required=("documentation", "tool", "flow", "errors", "expects"),
        optional=("authorize", *KINDS, "discovery"),
    )
    _read_documentation(members["documentation"])
    _read_expectations(members["expects"])
    flow = members["flow"].choice(_FLOWS)
    return Habit(
        name=name,
        source=top.value,
        flow=flow,
        public=_read_tool(members["tool"]),
        authorize=read_authorize(members["authorize"]) if members["authorize"].is_given else None,
        endpoints={kind: read_endpoint(members[kind], kind, flow) for kind in KINDS if members[kind].is_given},
        errors=tuple(_read_error(node) for node in members["errors"].elements()),
        discovery=_read_discovery(members["discovery"]) if members["discovery"].is_given else None,
    )


def _read_documentation(node: Node) -> None:
    if node.value == []:
        node.complain("names no page")
    for page in node.elements():
        read = page.text()
        if read and not read.startswith("https://"):
            page.complain(f"{read!r} is no https URL")


def _read_tool(node: Node) -> bool:
    members = node.members(required=("scopes",), optional=("connection", "public"))
    for scope in members["scopes"].elements():
        scope.text()
    for value in members["connection"].entries().values():
        value.text()
    return members["public"].flag()


def _read_expectations(node: Node) -> None:
    members = node.members(required=("expires_in", "refreshable", "scope"), optional=("metadata",))
    if members["expires_in"].value is not None:
        members["expires_in"].number()
    members["refreshable"].flag()
    members["scope"].text()
    members["metadata"].entries()


def _read_error(node: Node) -> KnownError:
    members = node.members(required=("at", "reply", "means"))
    at = members["at"].choice(KINDS)
    # Which meanings there are, only a known place tells.
    means = members["means"].choice(_MEANINGS[at]) if members["at"].value == at else members["means"].text()
    return KnownError(at, read_reply(members["reply"], MOMENTS, "in an error"), means)


def _read_discovery(node: Node) -> dict[str, Any]:
    issuer = node.entries().get("issuer")
    if issuer is None:
        node.child("issuer", None).complain("is missing")
    elif read_address(issuer).query:
        issuer.complain("an issuer has no query")
    return dict(node.value) if isinstance(node.value, dict) else {}
