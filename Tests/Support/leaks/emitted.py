"""What a run has of secrets, and all that it let out."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from leaks.search import PART, Search


class Secrets:
    """Every secret of a run, by what it is."""

    def __init__(self) -> None:
        self._names: dict[str | bytes, str] = {}

    def make(self, what: str) -> str:
        """A new one, with characters in it that every encoding spells otherwise."""
        value = "".join(secrets.token_urlsafe(6) + special for special in '/+=&"\\%<')
        self.add(what, value)
        return value

    def make_token(self, what: str) -> str:
        """A new one of letters, digits, dashes and underscores."""
        value = secrets.token_urlsafe(27)
        self.add(what, value)
        return value

    def add(self, what: str, value: str | bytes) -> None:
        """Takes one that somebody else made. One that is known keeps its name."""
        if len(value) < PART:
            raise ValueError(f"{what} is too short to be told from other text")
        self._names.setdefault(value, f"{what} {len(self._names) + 1}")

    def name(self, value: str | bytes) -> str:
        """What a known one is."""
        return self._names[value]

    def kinds(self) -> set[str]:
        """What there is, without numbers."""
        return {name.rpartition(" ")[0] for name in self._names.values()}

    def by_name(self) -> dict[str, str | bytes]:
        """All of them."""
        return {name: value for value, name in self._names.items()}


@dataclass(slots=True)
class Piece:
    """Something that was let out."""

    place: str
    data: bytes
    #: Secrets that belong there, and must be there.
    belongs: tuple[str | bytes, ...] = ()
    #: Secrets that may be there: what somebody sent is no news to himself.
    known: tuple[str | bytes, ...] = ()


@dataclass
class Emitted:
    """All that was let out."""

    pieces: list[Piece] = field(default_factory=list)

    def add(
        self,
        place: str,
        data: str | bytes,
        belongs: tuple[str | bytes, ...] = (),
        known: tuple[str | bytes, ...] = (),
    ) -> None:
        """Takes a piece."""
        self.pieces.append(Piece(place, data.encode() if isinstance(data, str) else data, belongs, known))

    def complaints(self, of: Secrets) -> list[str]:
        """What lies where it should not, and what the search did not find where it should: no line shows a secret."""
        search = Search(of.by_name())
        told = []
        for piece in self.pieces:
            findings = search.find(piece.place, piece.data)
            belongs = {of.name(value) for value in piece.belongs}
            welcome = belongs | {of.name(value) for value in piece.known}
            told += [str(finding) for finding in findings if finding.secret not in welcome]
            missed = belongs - {finding.secret for finding in findings}
            told += [f"the search did not find {name} in {piece.place}, where it belongs" for name in sorted(missed)]
        return told

    def places(self) -> set[str]:
        """Where pieces are from, up to the first colon."""
        return {piece.place.partition(":")[0] for piece in self.pieces}
