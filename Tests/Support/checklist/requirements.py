"""The rows of docs/requirements.md."""

from __future__ import annotations

import re
from dataclasses import dataclass

from checklist.named_tests import named_in

_ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+) \|$", re.MULTILINE)
_NOT_BUILT = re.compile(r"^\*\*not built\*\*[^:]*: \S.{10,}")


@dataclass(frozen=True)
class Requirement:
    """One requirement, and what is said to prove it."""

    number: int
    text: str
    proof: str

    @property
    def tests(self) -> list[str]:
        """The tests named."""
        return named_in(self.proof)

    @property
    def is_not_built(self) -> bool:
        """Whether it is marked so, with a reason."""
        return _NOT_BUILT.match(self.proof) is not None

    @property
    def is_told(self) -> bool:
        """Whether it names tests or says why there are none, and not both."""
        return self.is_not_built != bool(self.tests)


def read(document: str) -> list[Requirement]:
    """The requirements of a document, in its order."""
    return [Requirement(int(number), text, proof) for number, text, proof in _ROW.findall(document)]
