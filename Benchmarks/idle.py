"""Idle: with 100 000 records and none due, nothing wakes the daemon.

Nothing of its own: libdispatch, on Linux, looks at its thread pool once a second from the first use of a global queue
on (`_dispatch_workq_monitor_pools`), whatever the program does, and offers no way to stop it. Those are told apart.
"""

from __future__ import annotations

import time

from support.api import import_grants
from support.daemon import Daemon, Home
from support.endpoint import Provider, TokenEndpoints
from support.figures import Figure
from support.process import cpu_seconds, switches
from support.run import Run, now
from support.store import StoppedStore

RECORDS = 100_000
SETTLES = 5
SECONDS = 60
#: Of libdispatch's own.
WAKES_A_SECOND = 1
DAY = 86_400_000


def measure(run: Run) -> list[Figure]:
    """Counts wake-ups; nobody asks the daemon anything meanwhile, and no service manager wants a watchdog fed."""
    seconds = run.duration(SECONDS)
    with TokenEndpoints(run.directory / "nginx", [Provider("mail")], run.tls) as endpoints:
        home = Home(run.directory / "home")
        home.add_tool("mail", endpoints.url("mail"), endpoints.ca_file)
        with Daemon(run.program, home) as daemon:
            import_grants(home.socket_path, "mail", ["alice"], expires_in=4 * DAY // 1000)
            daemon.stop()
        with StoppedStore(home.state) as store:
            store.multiply("mail", "alice", run.records(RECORDS) - 1, now() + DAY)
        with Daemon(run.program, home) as daemon:
            time.sleep(SETTLES)
            before, used = switches(daemon.id), cpu_seconds(daemon.id)
            run.say(f"{run.records(RECORDS)} records, {len(before)} threads; looking for {seconds} s")
            time.sleep(seconds)
            after, used = switches(daemon.id), cpu_seconds(daemon.id) - used
            daemon.assert_running()
    woken = {thread: count - before.get(thread, 0) for thread, count in after.items()}
    all_of_them, monitor = sum(woken.values()), WAKES_A_SECOND * seconds + 1
    told = "by thread: " + (", ".join(str(count) for count in sorted(woken.values(), reverse=True) if count) or "none")
    return [
        Figure(f"wake-ups in {seconds} s", all_of_them, "", None, told),
        Figure("wake-ups beyond libdispatch's one a second", max(0, all_of_them - monitor), "", 0),
        # Two of the steps in which the kernel tells it.
        Figure(f"processor time in {seconds} s", used * 1000, "ms", 20),
    ]
