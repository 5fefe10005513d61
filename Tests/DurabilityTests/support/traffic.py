"""Clients that go on asking while the daemon is there."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from random import Random
from types import TracebackType
from typing import Self

from support.api import Client, UnansweredError
from support.world import World

#: Between two requests of one client: enough of them, and a processor left for the daemon.
PACE = 0.01


class Traffic:
    """
    Readers of every token, and clients that import grants for bob-1, bob-2, … and delete some of them again.

    Each client ends with the daemon: at the first request that is not answered.
    """

    def __init__(
        self,
        world: World,
        random: Random,
        readers: int = 2,
        changers: int = 0,
        name: str = "bob",
        deletions: float = 0.4,
        impatient_readers: int = 0,
    ) -> None:
        """
        `name` starts the names of the users that the changers import, which must be theirs alone; `deletions` is the
        share of what they do that is deleting.

        Impatient readers ask for more life than a token can have, and get one with what is left.
        """
        self.world = world
        #: How requests were answered: by status, or by problem.
        self.answers: Counter[str] = Counter()
        self._name = name
        self._deletions = deletions
        self._ended = threading.Event()
        self._errors: list[BaseException] = []
        self._lock = threading.Lock()
        works = [self._read] * readers + [self._read_impatiently] * impatient_readers + [self._change] * changers
        self._threads = [
            threading.Thread(target=self._run, args=(work, number, Random(random.random())))
            for number, work in enumerate(works)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()
        if self._errors and error is None:
            raise self._errors[0]

    def _run(self, work: Callable[[Client, int, Random], None], number: int, random: Random) -> None:
        try:
            with self.world.client() as client:
                work(client, number, random)
        except UnansweredError:
            pass
        except BaseException as error:
            self._errors.append(error)

    def _count(self, verb: str, status: int, problem: str) -> None:
        with self._lock:
            self.answers[f"{verb} {problem or status}"] += 1

    def _read(self, client: Client, _: int, random: Random) -> None:
        # Where there is no valid token it is not waited for: whoever waits does not read the others.
        self._read_on(client, random, "read", "min_validity=0&wait=0")

    def _read_impatiently(self, client: Client, _: int, random: Random) -> None:
        self._read_on(client, random, "impatient read", "min_validity=3600&wait=1")

    def _read_on(self, client: Client, random: Random, verb: str, query: str) -> None:
        while not self._ended.wait(PACE):
            users = self.world.ledger.users()
            if users:
                answer = self.world.ledger.read(client, random.choice(users), query)
                self._count(verb, answer.status, answer.problem)

    def _change(self, client: Client, number: int, random: Random) -> None:
        ledger, mine, made = self.world.ledger, list[str](), 0
        while not self._ended.wait(PACE):
            if mine and random.random() < self._deletions:
                user = mine.pop(random.randrange(len(mine)))
                answer = ledger.delete(client, user)
                self._count("delete", answer.status, answer.problem)
            else:
                made += 1
                user = f"{self._name}-{number}-{made}"
                answer = ledger.put_grant(client, user, self.world.provider.grant(user))
                self._count("import", answer.status, answer.problem)
                if answer.status == 201:
                    mine.append(user)
