"""The search for secrets: whole or in part, in every spelling."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from leaks.spellings import forms, readings

#: So many consecutive bytes of a secret are a leak of it.
PART = 12


@dataclass(frozen=True, slots=True)
class Finding:
    """A secret that was found. Its text says where, and shows nothing of it."""

    secret: str
    place: str
    spelling: str
    offset: int
    #: How many characters of the spelling are there.
    length: int

    def __str__(self) -> str:
        return f"{self.secret} in {self.place}: {self.length} characters of it, {self.spelling}, at {self.offset}"


class Search:
    """Looks for a set of secrets. Whatever has `PART` consecutive bytes of one is found."""

    def __init__(self, secrets: Mapping[str, str | bytes]) -> None:
        """
        Takes secrets by name; each must have `PART` bytes.

        Of a run of n characters, any w characters that begin at a multiple of n - w + 1 suffice to be noticed: so few
        places of a text are looked at, and what is noticed there is compared on both sides.
        """
        self._indices: dict[int, dict[bytes, list[tuple[str, str, bytes, int]]]] = {}
        for name, value in secrets.items():
            plain = value.encode() if isinstance(value, str) else value
            if len(plain) < PART:
                raise ValueError(f"{name} is too short to be told from other text")
            for spelling, form in forms(plain):
                self._index(name, spelling, form)

    @staticmethod
    def _least_run(spelling: str) -> int:
        """How many characters of a spelling `PART` bytes take at least."""
        if spelling.startswith("base64"):
            # At an unlucky alignment, the characters at both ends belong to other bytes too.
            return 8 * PART // 6 - 1
        return 2 * PART if spelling.lower().startswith("hex") else PART

    def _index(self, name: str, spelling: str, form: bytes) -> None:
        run = self._least_run(spelling)
        width = run // 2 + 1
        index = self._indices.setdefault(run, {})
        for offset in range(len(form) - width + 1):
            index.setdefault(form[offset : offset + width], []).append((name, spelling, form, offset))

    def find(self, place: str, text: str | bytes) -> list[Finding]:
        """What is found in the text: each secret once, as it is spelled there with the fewest decodings."""
        data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
        found: dict[str, Finding] = {}
        for reading, decoded in readings(data):
            in_this: dict[str, Finding] = {}
            for run, index in self._indices.items():
                for finding in self._scan(place, reading, decoded, run, index):
                    known = in_this.get(finding.secret)
                    if known is None or known.length < finding.length:
                        in_this[finding.secret] = finding
            found = in_this | found
        return list(found.values())

    @staticmethod
    def _scan(
        place: str, reading: str, text: bytes, run: int, index: Mapping[bytes, list[tuple[str, str, bytes, int]]]
    ) -> Iterable[Finding]:
        width = run // 2 + 1
        for start in range(0, len(text) - width + 1, run - width + 1):
            for name, spelling, form, offset in index.get(text[start : start + width], ()):
                before, after = 0, width
                while before < min(start, offset) and text[start - before - 1] == form[offset - before - 1]:
                    before += 1
                while (
                    start + after < len(text)
                    and offset + after < len(form)
                    and text[start + after] == form[offset + after]
                ):
                    after += 1
                if before + after >= run:
                    where = f"{spelling}, {reading}" if reading else spelling
                    yield Finding(name, place, where, start - before, before + after)

    def names(self, place: str, text: str | bytes) -> set[str]:
        """The names of the secrets found."""
        return {finding.secret for finding in self.find(place, text)}
