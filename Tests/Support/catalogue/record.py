"""What a provider saw: how often what happened, and what did not fit."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

COUNTERS = (
    "authorizations",
    "exchanges",
    "upgrades",
    "refreshes",
    "revocations",
    "discoveries",
    "errors",
    "clients_rejected",
    "grants_rejected",
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that did not fit, and whose it was; None: that of no client that is known."""

    client_id: str | None
    text: str


class Record:
    """Counters and problems of one provider, by client."""

    def __init__(self) -> None:
        self._counts: dict[str | None, Counter[str]] = {}
        self._problems: list[Problem] = []

    def count(self, counter: str, client_id: str | None) -> None:
        """Counts something, which is one of COUNTERS."""
        self._counts.setdefault(client_id, Counter())[counter] += 1

    def problem(self, text: str, client_id: str | None) -> None:
        """Keeps what did not fit."""
        self._problems.append(Problem(client_id, text))

    def counts(self, client_id: str | None) -> dict[str, int]:
        """Every counter; of one client, or all together for None."""
        chosen = self._counts.values() if client_id is None else [self._counts.get(client_id, Counter[str]())]
        total = sum(chosen, Counter[str]())
        return {counter: total[counter] for counter in COUNTERS}

    def problems(self, client_id: str | None) -> list[str]:
        """Problems in their order; those of one client and of no known one, or all for None."""
        return [
            problem.text for problem in self._problems if client_id is None or problem.client_id in (None, client_id)
        ]

    def forget_problems(self, client_id: str | None) -> list[str]:
        """As `problems`, which are gone after that."""
        gone = self.problems(client_id)
        self._problems = [
            problem
            for problem in self._problems
            if client_id is not None and problem.client_id not in (None, client_id)
        ]
        return gone
