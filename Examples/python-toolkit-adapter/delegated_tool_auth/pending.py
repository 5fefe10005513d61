"""Authorizations that wait for their users."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from datetime import UTC, datetime, timedelta

from .records import Authorization


class _Slot:
    def __init__(self) -> None:
        #: Held by whoever looks or begins, so that many who come at once are sent to the same place.
        self.lock = threading.Lock()
        self.kept: Authorization | None = None


class PendingAuthorizations:
    """
    Remembers where each user was sent, so that who asks again is sent there again.

    Systems of this kind ask for the URL of every tool whenever they list the tools. Each would begin an authorization,
    and the daemon keeps five of one user and tool: the page a user has open would be worth nothing after five more.
    Nothing is lost where this is forgotten. May be used by many threads.
    """

    #: An authorization with less left is not handed out any more: people take time to sign in.
    LEAST_LIFE = timedelta(minutes=5)

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._slots: dict[Hashable, _Slot] = {}

    def obtain(
        self, key: Hashable, still_waits: Callable[[Authorization], bool], begin: Callable[[], Authorization]
    ) -> Authorization:
        """The one of `key`, while it has enough life and `still_waits`; else a new one. Raises what these two raise."""
        slot = self._slot(key)
        with slot.lock:
            if slot.kept is None or not self._has_life(slot.kept) or not still_waits(slot.kept):
                slot.kept = begin()
            return slot.kept

    def __len__(self) -> int:
        with self._lock:
            return len(self._slots)

    def _slot(self, key: Hashable) -> _Slot:
        with self._lock:
            slot = self._slots.get(key)
            if slot is None:
                # Those whose time is over go; one that somebody was about to use is merely not shared then.
                self._slots = {name: other for name, other in self._slots.items() if self._is_used(other)}
                slot = self._slots[key] = _Slot()
            return slot

    def _is_used(self, slot: _Slot) -> bool:
        return slot.lock.locked() or (slot.kept is not None and self._has_life(slot.kept))

    def _has_life(self, authorization: Authorization) -> bool:
        return authorization.expires_at - self._now() >= self.LEAST_LIFE
