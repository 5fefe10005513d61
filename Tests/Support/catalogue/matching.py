"""Holds a request against what an endpoint demands, as far as that needs no memory of earlier requests."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from catalogue.carried import Carried
from catalogue.habit import Endpoint
from catalogue.placeholders import PATTERN, capture
from serving.http1 import Request


@dataclass(frozen=True, slots=True)
class Captured:
    """What stands where a placeholder is; whether it is right takes memory to say."""

    #: Where: the name of a parameter, or of a header.
    where: str
    #: Which placeholder, without its `$`.
    name: str
    value: str


def match_request(endpoint: Endpoint, request: Request, carried: Carried) -> tuple[list[str], list[Captured]]:
    """What does not fit, and what the placeholders captured."""
    complaints = list(carried.complaints)
    if request.method != endpoint.method:
        complaints.append(f"the method is {request.method}, not {endpoint.method}")
    complaints += _misplaced(endpoint, carried)
    pairs = carried.parameters(endpoint.content)
    complaints += twice(pairs)
    complaints += forbidden(endpoint.forbids, carried.anywhere())
    more, captured = match_parameters(endpoint.requires, dict(pairs))
    complaints += more
    for name, template in endpoint.headers.items():
        more, found = match_value(f"the header {name}", template, request.header(name))
        complaints += more
        captured += found
    return complaints, captured


def distance(endpoint: Endpoint, request: Request, carried: Carried) -> float:
    """Which part of what the endpoint demands a request fails, wherever its parameters are."""
    pairs = carried.anywhere()
    complaints, _ = match_parameters(endpoint.requires, dict(pairs))
    failed = len(complaints) + len(forbidden(endpoint.forbids, pairs)) + (request.method != endpoint.method)
    return failed / (len(endpoint.requires) + len(endpoint.forbids) + 1)


def match_parameters(requires: Mapping[str, Any], parameters: Mapping[str, Any]) -> tuple[list[str], list[Captured]]:
    """Holds parameters against what is required of them."""
    complaints: list[str] = []
    captured: list[Captured] = []
    for name, template in requires.items():
        more, found = match_value(name, template, parameters.get(name))
        complaints += more
        captured += found
    return complaints, captured


def match_value(where: str, template: Any, value: Any) -> tuple[list[str], list[Captured]]:
    """Holds one value against what is required of it; None is one that is not there."""
    if value is None:
        return [f"{where} is missing"], []
    if template == "*":
        return ([f"{where} is empty"] if value == "" else []), []
    if not isinstance(template, str) or not PATTERN.search(template):
        return ([] if _same(template, value) else [f"{where} is {value!r}, not {template!r}"]), []
    found = capture(template, value) if isinstance(value, str) else None
    if found is None:
        return [f"{where} is {value!r}, not {template!r}"], []
    return [], [Captured(where, name, text) for name, text in found]


def twice(pairs: Iterable[tuple[str, Any]]) -> list[str]:
    """Complains of parameters that come more than once."""
    return [f"{name} comes {times} times" for name, times in Counter(name for name, _ in pairs).items() if times > 1]


def forbidden(forbids: Iterable[str], pairs: Iterable[tuple[str, Any]]) -> list[str]:
    """Complains of parameters that must not be there, empty ones included."""
    there = {name for name, _ in pairs}
    return [f"{name} must not be there" for name in forbids if name in there]


def _same(template: Any, value: Any) -> bool:
    # A form knows text alone.
    if isinstance(value, str):
        return value == (template if isinstance(template, str) else json.dumps(template))
    return type(value) is type(template) and bool(value == template)


def _misplaced(endpoint: Endpoint, carried: Carried) -> list[str]:
    """Complains of a body of the wrong type, and of a query where there is to be none."""
    complaints = []
    if endpoint.content == "query":
        if carried.encoding:
            complaints.append(f"there is a body ({carried.encoding}), and all belongs in the query")
        of_address = endpoint.address.query
        complaints += [
            f"the query lacks {name}={value}" for name, value in of_address if (name, value) not in carried.query
        ]
        return complaints
    if carried.encoding != endpoint.content:
        there = f"is {carried.encoding}" if carried.encoding else "is missing"
        complaints.append(f"the body {there}, not {endpoint.content}")
    if sorted(carried.query) != sorted(endpoint.address.query):
        listed = ", ".join(name for name, _ in carried.query) or "nothing"
        wanted = ", ".join(name for name, _ in endpoint.address.query) or "nothing"
        complaints.append(f"the query has {listed}, not {wanted}")
    return complaints
