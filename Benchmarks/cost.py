"""Cost: what is due costs the same to find and to refresh, whether 1 000 records are stored or 1 000 000."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from support.api import import_grants
from support.daemon import Daemon, Home
from support.endpoint import Provider, TokenEndpoints
from support.figures import BrokenRunError, Figure, percentile, ratio
from support.process import Memory, memory
from support.run import Run, now, sleep_until, users
from support.statements import microseconds, plan, scan_statements
from support.store import StoppedStore, Times

FEW, MANY = 1_000, 1_000_000
#: So many records come due at one instant, and as many others at the next.
DUE, INSTANTS = 100, 5
#: How often each of the stores has its turn.
TURNS = 3
#: How often each of them is asked with a statement alone.
STATEMENT_TURNS = 7
#: In ms: from writing the due times down to the first instant, and from one instant to the next.
AHEAD, STEP = 5_000, 1_500
#: For all to be refreshed after the last instant, in seconds.
PATIENCE = 30
HOUR = 3_600_000


@dataclass
class Seen:
    """What was seen of one of the two stores."""

    home: Home
    #: A value for each instant.
    lags: dict[str, list[float]] = field(default_factory=lambda: {"first": [], "median": [], "last": []})
    #: A value for each turn, as all that follow.
    ready: list[Memory] = field(default_factory=list)
    after: list[Memory] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)


def measure(run: Run) -> list[Figure]:
    """The two stores take turns; only what is due differs from what is stored in being real."""
    statements = scan_statements()
    with TokenEndpoints(run.directory / "nginx", [Provider("mail")], run.tls) as endpoints:
        few = Home(run.directory / "few")
        few.add_tool("mail", endpoints.url("mail"), endpoints.ca_file)
        with Daemon(run.program, few) as daemon:
            import_grants(few.socket_path, "mail", [*users(DUE * INSTANTS), "bob"])
            daemon.stop()
        many = few.copy(run.directory / "many")
        _fill(few, FEW)
        began = time.monotonic()
        _fill(many, run.records(MANY))
        size = (many.state / "toolauthd.db").stat().st_size / 1048576
        run.say(f"{run.records(MANY)} records, {size:.0f} MiB, made in {time.monotonic() - began:.0f} s")
        seen = [Seen(few), Seen(many)]
        for turn in range(run.rounds(TURNS)):
            # Who goes first takes turns too.
            for one in seen if turn % 2 == 0 else reversed(seen):
                _take_turn(run, endpoints, one)
            last = [f"{median(one.lags['last'][-INSTANTS:]):.0f}" for one in seen]
            run.say(f"turn {turn + 1}: the last of {DUE} arrived {last[0]} and {last[1]} ms after they were due")
    return _figures(*seen) + [_statement(few.state, many.state, *item) for item in statements.items()]


def _fill(home: Home, count: int) -> None:
    with StoppedStore(home.state) as store:
        store.multiply("mail", "bob", count - DUE * INSTANTS - 1, now() + 10 * HOUR)


def _take_turn(run: Run, endpoints: TokenEndpoints, seen: Seen) -> None:
    """The records come due, a hundred at each instant, while the daemon waits for them."""
    first, mark = now() + AHEAD, endpoints.mark("mail")
    dues = {user: first + place // DUE * STEP for place, user in enumerate(users(DUE * INSTANTS))}
    with StoppedStore(seen.home.state) as store:
        store.schedule("mail", (Times(user, due - HOUR, due, due + HOUR) for user, due in dues.items()))
    with Daemon(run.program, seen.home) as daemon:
        sleep_until(first - 500)
        if now() >= first or endpoints.mark("mail") != mark:
            raise BrokenRunError("the daemon was not at rest before the records came due")
        seen.starts.append(daemon.start_took * 1000)
        seen.ready.append(memory(daemon.id))
        deadline = first + STEP * INSTANTS + PATIENCE * 1000
        while len(arrivals := endpoints.refreshes("mail", mark)) < len(dues):
            daemon.assert_running()
            if now() > deadline:
                raise BrokenRunError(f"{len(arrivals)} of {len(dues)} records were refreshed within {PATIENCE} s")
            time.sleep(0.25)
        seen.after.append(memory(daemon.id))
        daemon.stop()
    lags: dict[int, list[float]] = {}
    for refresh in arrivals:
        lags.setdefault(dues[refresh.user], []).append(refresh.arrived - dues[refresh.user])
    for name, share in (("first", 0.0), ("median", 0.5), ("last", 1.0)):
        seen.lags[name] += [percentile(of_instant, share) for of_instant in lags.values()]


def _figures(few: Seen, many: Seen) -> list[Figure]:
    figures = [
        ratio(f"due until the {name} of {DUE} refreshes", many.lags[name], few.lags[name], 1.5, "ms")
        for name in ("first", "median", "last")
    ]
    for when, above, below in (("once ready", many.ready, few.ready), ("after refreshes", many.after, few.after)):
        for kind in ("anonymous", "all"):
            high, low = ([getattr(one, kind) for one in each] for each in (above, below))
            what = f"memory above that with few, {when}" + (", with files" if kind == "all" else "")
            told = f"{'RssAnon' if kind == 'anonymous' else 'VmRSS'} {median(low):.1f} → {median(high):.1f} MiB"
            figures.append(Figure(what, median(high) - median(low), "MiB", 16, told))
    figures.append(ratio("start until it serves", many.starts, few.starts, None, "ms"))
    return figures


def _statement(few: Path, many: Path, name: str, statement: str) -> Figure:
    """The statement alone, without a daemon; 100 records are due by what it asks."""
    for state in (few, many):
        with StoppedStore(state) as store:
            store.schedule("mail", (Times(user, 0, 1, now() + HOUR) for user in users(DUE)))
    values: dict[str, int | str] = {"tool_id": "mail", "due_at": now(), "limit": DUE + 1}
    # In turns: what else goes on in the machine meets both.
    took: dict[Path, list[float]] = {many: [], few: []}
    for _ in range(STATEMENT_TURNS):
        for state, times in took.items():
            times.append(microseconds(state / "toolauthd.db", statement, values))
    figure = ratio(f"statement '{name}' alone", took[many], took[few], 1.5, "µs")
    how = plan(many / "toolauthd.db", statement, values)
    return Figure(figure.what, figure.value, figure.unit, figure.aim, f"{figure.detail}; {how}")
