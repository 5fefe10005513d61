"""What the daemon acknowledged, which must be true ever after."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from support.api import Answer, Client


@dataclass
class _Entry:
    #: None: a change was asked for and no answer came, so that either is right.
    exists: bool | None = None
    #: The newest that was acknowledged.
    generation: int = 0
    #: By generation, those handed out: a generation never stands for two tokens.
    tokens: dict[int, str] = field(default_factory=dict)
    #: Until when, by the monotonic clock, the last of them is valid at least.
    valid_until: float = 0


class Ledger:
    """
    Makes requests and writes down what was answered.

    One thread at a time changes or deletes a user's grant; any number may read it.
    """

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._contradictions: list[str] = []
        self._lock = threading.Lock()

    # Requests that change something.

    def put_grant(self, client: Client, user: str, tokens: dict[str, Any]) -> Answer:
        """Imports tokens; raises `UnansweredError` where the outcome is not known."""
        answer = self._change(user, lambda: client.put_grant(user, tokens))
        if answer.status in (200, 201):
            with self._lock:
                entry = self._entries[user]
                entry.exists = True
                entry.generation = max(entry.generation, answer.body["generation"])
        return answer

    def delete(self, client: Client, user: str) -> Answer:
        """Deletes a grant; raises `UnansweredError` where the outcome is not known."""
        answer = self._change(user, lambda: client.delete(user))
        if answer.status == 204:
            with self._lock:
                self._entries[user].exists = False
        return answer

    def _change(self, user: str, request: Callable[[], Answer]) -> Answer:
        with self._lock:
            entry = self._entries.setdefault(user, _Entry(exists=False))
            before, entry.exists = entry.exists, None
        answer = request()
        if answer.status >= 400:
            # Refused: nothing may have come of it.
            with self._lock:
                entry.exists = before
        return answer

    # Reading.

    def read(self, client: Client, user: str, query: str = "min_validity=0") -> Answer:
        """Reads a token, and holds it against those handed out before."""
        with self._lock:
            known, existed = self._entries[user].generation, self._entries[user].exists
        asked_at = time.monotonic()
        answer = client.token(user, query)
        with self._lock:
            entry = self._entries[user]
            if answer.status == 200:
                self._check_token(user, entry, answer, known)
                entry.valid_until = asked_at + (answer.body["expires_in"] or 0)
            elif existed and entry.exists and time.monotonic() < entry.valid_until:
                self._contradictions.append(f"{user}: a read was refused while there was a valid token: {answer}")
        return answer

    def _check_token(self, user: str, entry: _Entry, answer: Answer, known: int) -> None:
        generation, token = answer.body["generation"], answer.body["access_token"]
        if generation < known:
            self._contradictions.append(
                f"{user}: generation {known} was acknowledged, and then {generation} was handed out"
            )
        if entry.tokens.setdefault(generation, token) != token:
            self._contradictions.append(f"{user}: generation {generation} stood for two tokens")
        entry.generation = max(entry.generation, generation)

    # What is known.

    def users(self) -> list[str]:
        """Those whose grant is known to be there."""
        with self._lock:
            return [user for user, entry in self._entries.items() if entry.exists]

    def losses(self, records: dict[str, dict[str, Any]]) -> list[str]:
        """
        What was acknowledged and is not so any more; empty: nothing.

        `records`: all there are, listed while nobody changed any.
        """
        with self._lock:
            losses, self._contradictions = self._contradictions, []
            for user, entry in sorted(self._entries.items()):
                record = records.get(user)
                if record is None:
                    if entry.exists:
                        losses.append(f"{user}: generation {entry.generation} was acknowledged, and there is no record")
                    continue
                if entry.exists is False:
                    losses.append(f"{user}: its deletion or refusal was acknowledged, and the record is there")
                elif record["generation"] < entry.generation:
                    losses.append(
                        f"{user}: generation {entry.generation} was acknowledged, and {record['generation']} is stored"
                    )
            unknown = records.keys() - self._entries.keys()
            return losses + [f"{user}: nobody asked for this record" for user in sorted(unknown)]

    def settle(self, records: dict[str, dict[str, Any]]) -> None:
        """Takes what is there for what was not answered."""
        with self._lock:
            for user, entry in self._entries.items():
                if entry.exists is None:
                    entry.exists = user in records
