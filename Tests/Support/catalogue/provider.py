"""One provider as it is played: its habit, its clients, what it gave and what it saw."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

from catalogue.carried import Carried, decoded_basic
from catalogue.clients import Clients
from catalogue.grants import Grant, Grants
from catalogue.habit import Habit, KnownError
from catalogue.record import Record
from serving.forms import FormError
from serving.http1 import Request


class Provider:
    """What the endpoints of a provider have in common."""

    def __init__(self, habit: Habit) -> None:
        self.habit = habit
        self.name = habit.name
        self.clients = Clients()
        self.grants = Grants(habit.name)
        self.record = Record()
        self._ordered: dict[tuple[str | None, str], deque[KnownError]] = {}

    def order_error(self, client_id: str | None, index: int, times: int) -> None:
        """The next requests of that client, or of any for None, are answered by an error of the habit."""
        error = self.habit.errors[index]
        self._ordered.setdefault((client_id, error.at), deque()).extend([error] * times)

    def take_error(self, client_id: str | None, kind: str) -> KnownError | None:
        """The error that was ordered for this request; it was, from now on."""
        for owner in (client_id, None):
            ordered = self._ordered.get((owner, kind))
            if ordered:
                return ordered.popleft()
        return None

    def owns(self, request: Request, carried: Carried) -> bool:
        """Whether a client, a code or a token of this provider is in the request."""
        texts = [value for _, value in carried.anywhere() if isinstance(value, str)]
        try:
            texts += decoded_basic(request.header("authorization") or "")
        except FormError:
            pass
        return any(self._knows(text) for text in texts)

    def has_upgraded(self, carried: Carried) -> bool:
        """Whether a token in the request is of a grant whose short-lived token was exchanged."""
        texts = {value for _, value in carried.anywhere() if isinstance(value, str)}
        return any(self.grants.by_token[text].upgraded for text in texts & self.grants.by_token.keys())

    def _knows(self, text: str) -> bool:
        if self.clients.find(text) is not None or self.clients.with_secret(text) is not None:
            return True
        return text in self.grants.consents or text in self.grants.by_token

    def grants_of(self, client_id: str | None) -> list[Grant]:
        """All grants, oldest first; of one client, or all for None."""
        return [grant for grant in self.grants.all if client_id in (None, grant.client.id)]

    def report(self, client_id: str | None) -> dict[str, Any]:
        """What a test wants to know."""
        grants = self.grants_of(client_id)
        return {
            "provider": self.name,
            **self.record.counts(client_id),
            "live_grants": sum(grant.alive for grant in grants),
            "tokens_issued": sum(len(grant.access_tokens) for grant in grants),
            "problems": self.record.problems(client_id),
        }

    def complain(self, where: str, complaints: Iterable[str], client_id: str | None) -> None:
        """Keeps what did not fit, and where."""
        for complaint in complaints:
            self.record.problem(f"{where}: {complaint}", client_id)
