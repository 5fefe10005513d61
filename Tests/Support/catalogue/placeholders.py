"""The `$names` in habit files: where they stand, what they captured, and what they become."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

PATTERN = re.compile(r"\$([a-z]\w*)(?:\+(\d+))?")

#: Moments, so many seconds from now; they alone may have a `+N`.
MOMENTS = frozenset({"epoch", "epoch_ms", "iso"})


def found(template: Any) -> Iterator[re.Match[str]]:
    """Every placeholder in the strings of a JSON value."""
    if isinstance(template, dict):
        for value in template.values():
            yield from found(value)
    elif isinstance(template, list):
        for value in template:
            yield from found(value)
    elif isinstance(template, str):
        yield from PATTERN.finditer(template)


def names(template: Any) -> set[str]:
    """The names of the placeholders in a JSON value, without their `$`."""
    return {match[1] for match in found(template)}


def fill(template: Any, values: Mapping[str, str], now: float) -> Any:
    """A JSON value with its placeholders replaced; a string that is nothing but `$epoch+3600` becomes a number."""
    if isinstance(template, dict):
        return {name: fill(value, values, now) for name, value in template.items()}
    if isinstance(template, list):
        return [fill(value, values, now) for value in template]
    if not isinstance(template, str):
        return template
    whole = PATTERN.fullmatch(template)
    if whole is not None:
        return _value(whole, values, now)
    return PATTERN.sub(lambda match: str(_value(match, values, now)), template)


def _value(match: re.Match[str], values: Mapping[str, str], now: float) -> str | int:
    if match[1] not in MOMENTS:
        return values[match[1]]
    moment = int(now) + int(match[2] or 0)
    if match[1] == "epoch":
        return moment
    if match[1] == "epoch_ms":
        return moment * 1000
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def capture(template: str, text: str) -> list[tuple[str, str]] | None:
    """What stands in `text` where `template` has placeholders, as pairs of name and text; None: it does not fit."""
    expression, end, found_names = "", 0, []
    for match in PATTERN.finditer(template):
        expression += re.escape(template[end : match.start()]) + "(.+)"
        end = match.end()
        found_names.append(match[1])
    fitting = re.fullmatch(expression + re.escape(template[end:]), text, re.DOTALL)
    return None if fitting is None else list(zip(found_names, fitting.groups(), strict=True))
