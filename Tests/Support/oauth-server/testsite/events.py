"""What happened at the token endpoint, one line of JSON each, written by all worker processes."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

FILE = "events.jsonl"


def record(directory: Path, event: str, user: str) -> None:
    """Appends an event. A line is written by one call, so that lines of several processes do not mix."""
    line = json.dumps({"at": time.time(), "event": event, "user": user}) + "\n"
    descriptor = os.open(directory / FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)


def summary(directory: Path) -> dict[str, Any]:
    """How often each event happened, in all and by user."""
    path = directory / FILE
    events = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    users: dict[str, Counter[str]] = {}
    for event in events:
        users.setdefault(event["user"], Counter())[event["event"]] += 1
    counts = Counter(event["event"] for event in events)
    names = ("exchange", "refresh", "client_credentials", "replay_in_grace", "reuse", "unknown_refresh_token")
    return {name: counts[name] for name in names} | {"users": users}
