"""How a server says where it is, and when it ends: on a signal, and with whoever started it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
from typing import Any

_LOOK_AT_PARENT = 0.5


async def announce(info: dict[str, Any], parent: int, keep_running: bool) -> None:
    """Prints `info` as one line of JSON, and returns when the server is to end.

    That is on SIGTERM and SIGINT; unless told to keep running also when standard input ends or `parent` does.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    # Not before: whoever reads it may send a signal at once.
    print(json.dumps(info), flush=True)
    if keep_running:
        await stop.wait()
        return
    _when_input_ends(loop, stop)
    while not stop.is_set() and os.getppid() == parent:
        # PR_SET_PDEATHSIG would tell at once, but of the thread that started this process, which may end before.
        try:
            await asyncio.wait_for(stop.wait(), _LOOK_AT_PARENT)
        except TimeoutError:
            continue


def _when_input_ends(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    def wait() -> None:
        while os.read(0, 4096):
            pass
        loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=wait, daemon=True).start()
