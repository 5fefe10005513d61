"""A JSON value and where it stands, for reading a file and complaining about it in one go."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_MISSING = object()
_TYPES = {dict: "an object", list: "a list", str: "text", int: "a number", bool: "true or false"}


@dataclass
class Node:
    """One value of a file. What is wrong is added to `complaints`, and reading goes on with something harmless."""

    value: Any
    #: As in `errors[2].reply.status`; empty at the top.
    path: str
    complaints: list[str]

    def complain(self, message: str) -> None:
        """Notes what is wrong with this value."""
        self.complaints.append(f"{self.path}: {message}" if self.path else message)

    def child(self, name: str | int, value: Any) -> Node:
        """A value inside this one."""
        if isinstance(name, int):
            return Node(value, f"{self.path}[{name}]", self.complaints)
        return Node(value, f"{self.path}.{name}" if self.path else name, self.complaints)

    @property
    def is_given(self) -> bool:
        """False for a member that is not there; it reads as something harmless, and nothing complains of it."""
        return self.value is not _MISSING

    def members(self, required: Iterable[str] = (), optional: Iterable[str] = ()) -> dict[str, Node]:
        """All these members of an object, which must have no others; an optional one that is null is not given."""
        required, optional = tuple(required), tuple(optional)
        known = (*required, *optional)
        value = self._typed(dict, {})
        for name in value.keys() - set(known):
            near = difflib.get_close_matches(name, known, 1)
            self.child(name, None).complain("there is no such key" + (f"; perhaps {near[0]}" if near else ""))
        for name in required:
            if isinstance(self.value, dict) and name not in value:
                self.child(name, None).complain("is missing")
        left_out = {name for name in optional if value.get(name) is None} | (set(required) - value.keys())
        return {name: self.child(name, _MISSING if name in left_out else value[name]) for name in known}

    def entries(self) -> dict[str, Node]:
        """The members of an object that may have any."""
        return {name: self.child(name, value) for name, value in self._typed(dict, {}).items()}

    def elements(self) -> list[Node]:
        """The elements of a list."""
        return [self.child(index, value) for index, value in enumerate(self._typed(list, []))]

    def text(self) -> str:
        """A string."""
        return str(self._typed(str, ""))

    def number(self) -> int:
        """A whole number."""
        return int(self._typed(int, 0))

    def flag(self) -> bool:
        """A boolean."""
        return bool(self._typed(bool, False))

    def choice(self, choices: Iterable[str]) -> str:
        """One of several words; the first of them where it is none."""
        choices = tuple(choices)
        text = self.text()
        if text in choices:
            return text
        if isinstance(self.value, str):
            near = difflib.get_close_matches(text, choices, 1)
            perhaps = f"; perhaps {near[0]}" if near else ""
            self.complain(f"{text!r} is none of {', '.join(choices)}{perhaps}")
        return choices[0]

    def _typed(self, kind: type, harmless: Any) -> Any:
        # In Python, though not in JSON, true is a number.
        if isinstance(self.value, kind) and not (kind is int and isinstance(self.value, bool)):
            return self.value
        if self.is_given:
            self.complain(f"must be {_TYPES[kind]}, not {_describe(self.value)}")
        return harmless


def _describe(value: Any) -> str:
    if value is None:
        return "null"
    return next((name for kind, name in reversed(_TYPES.items()) if isinstance(value, kind)), repr(value))
