"""Throughput: 20 000 records due at once, over TLS at a provider that rotates, beside h2load at the same endpoint.

From the instant that they are due until the last new token is sealed and on disk, claims before and commits after each
request fsynced. h2load posts the same form over as many connections, and stores nothing. Where the refresh token works
once and a lost reply cannot be asked for again, the daemon makes a connection for each request; at the last provider,
which keeps none, h2load does so too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median

from support.api import import_grants
from support.daemon import Daemon, Home
from support.endpoint import Provider, TokenEndpoints
from support.figures import Figure, ratio
from support.h2load import Load
from support.run import Run, users
from support.stampede import Stampede, stampede

RECORDS = 20_000
ROUNDS = 3
#: At once, of the daemon as of h2load: what the daemon allows itself where nothing else is said, and what a provider's document
#: says that bears more.
CONNECTIONS = 16
MANY = 64


@dataclass
class Contest:
    """At one provider, what was seen of both; a value for each round."""

    provider: Provider
    refresh: str
    what: str
    aim: float | None
    connections: int = CONNECTIONS
    ours: list[Stampede] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)


def measure(run: Run) -> list[Figure]:
    """By turns, and each provider with records of its own."""
    contests = [
        Contest(
            Provider("kept", rotates=True),
            "{rotation: single_use, replay_window: 60s}",
            "refreshes, to h2load's requests",
            0.2,
        ),
        Contest(
            Provider("many", rotates=True),
            f"{{rotation: single_use, replay_window: 60s, concurrency: {MANY}}}",
            f"the same, {MANY} at once",
            0.2,
            MANY,
        ),
        Contest(
            Provider("fresh", rotates=True, keeps_connections=False),
            "{rotation: single_use}",
            "the same, with a connection for each request",
            None,
        ),
    ]
    names = users(run.records(RECORDS))
    with TokenEndpoints(run.directory / "nginx", [contest.provider for contest in contests], tls=True) as endpoints:
        home = Home(run.directory / "home")
        for contest in contests:
            name = contest.provider.name
            home.add_tool(name, endpoints.url(name), endpoints.ca_file, contest.refresh)
        with Daemon(run.program, home) as daemon:
            for contest in contests:
                import_grants(home.socket_path, contest.provider.name, names)
            daemon.stop()
        run.say(f"{len(names)} records of each provider imported")
        for number in range(run.rounds(ROUNDS)):
            for contest in contests:
                _round(run, endpoints, home, contest, names)
                ours, theirs = len(names) / contest.ours[-1].seconds, contest.theirs[-1]
                run.say(f"round {number + 1}, {contest.provider.name}: {ours:.0f} and {theirs:.0f} a second")
    return [figure for contest in contests for figure in _figures(contest, len(names))]


def _round(run: Run, endpoints: TokenEndpoints, home: Home, contest: Contest, names: list[str]) -> None:
    name = contest.provider.name
    form = "grant_type=refresh_token&refresh_token=alice-1~0&client_id=mail-client&client_secret=mail-secret"
    load = Load([endpoints.url(name)], len(names), contest.connections, form=form)
    # What goes on in the machine changes: h2load has its turn before and after.
    before = load.run(run.directory)
    contest.ours.append(stampede(run.program, home, endpoints, name, names))
    after = load.run(run.directory)
    contest.theirs.append(2 / (1 / before + 1 / after))


def _figures(contest: Contest, count: int) -> list[Figure]:
    rates = [count / one.seconds for one in contest.ours]
    spent = [one.cpu_seconds / count * 1e6 for one in contest.ours]
    return [
        ratio(contest.what, rates, contest.theirs, contest.aim, "a second", aims_high=True),
        Figure("processor time of the daemon for each", median(spent), "µs"),
    ]
