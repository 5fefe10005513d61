"""What the provider saw and did, counted."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import time
from typing import Any

LOGGED_REQUESTS = 10_000


@dataclass
class Counters:
    """All counters; README.md says what each counts."""

    requests: Counter[str] = field(default_factory=Counter)
    grant_types: Counter[str] = field(default_factory=Counter)
    #: User, then grant type at the token endpoint and the endpoint's name elsewhere.
    users: dict[str, Counter[str]] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    concurrent: Counter[str] = field(default_factory=Counter)
    concurrent_maximum: Counter[str] = field(default_factory=Counter)
    refresh_token_uses: int = 0
    rotations: int = 0
    replays_in_window: int = 0
    reuse: int = 0
    dead_refresh_tokens: int = 0
    codes_issued: int = 0
    codes_redeemed: int = 0
    codes_replayed: int = 0
    dead_access_tokens: int = 0
    redirects_followed: int = 0
    log: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=LOGGED_REQUESTS))

    @contextmanager
    def under_way(self, endpoint: str) -> Iterator[None]:
        """Counts a request as concurrent for as long as the block runs."""
        self.concurrent[endpoint] += 1
        self.concurrent_maximum[endpoint] = max(self.concurrent_maximum[endpoint], self.concurrent[endpoint])
        try:
            yield
        finally:
            self.concurrent[endpoint] -= 1

    def saw(self, endpoint: str, grant_type: str | None, user: str | None, **details: Any) -> None:
        """Counts a request, and logs what it said."""
        self.requests[endpoint] += 1
        if grant_type is not None:
            self.grant_types[grant_type] += 1
        if user is not None:
            self.users.setdefault(user, Counter())[grant_type or endpoint] += 1
        self.log.append({"at": time(), "endpoint": endpoint, "grant_type": grant_type, "user": user, **details})

    def as_dict(self) -> dict[str, Any]:
        """Every counter but the log."""
        return {
            name: {user: dict(counts) for user, counts in value.items()} if name == "users" else value
            for name, value in vars(self).items()
            if name != "log"
        }

    def reset(self) -> None:
        """Back to nothing, but for the requests under way."""
        under_way = self.concurrent
        self.__init__()  # type: ignore[misc]
        self.concurrent = under_way
