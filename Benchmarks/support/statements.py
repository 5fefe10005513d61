"""The statements with which the daemon asks what is due: their text is taken from its source, and nowhere else."""

from __future__ import annotations

import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from statistics import median
from textwrap import dedent

from support.figures import BrokenRunError

_SOURCE = Path(__file__).resolve().parents[2] / "Sources/SQLiteStore/Records/SQLiteTokenStore+Schedule.swift"
_LITERAL = re.compile(r'static let (\w+)Statement =\s+(?:"""\n(.*?)\n *"""|"([^"\n]+)"\n)', re.DOTALL)
_PARAMETER = re.compile(r"(\w+)\s*(?:=|<=?|>=?)?\s*\?")


def scan_statements() -> dict[str, str]:
    """Name → SQL."""
    found = {name: dedent(long) or short for name, long, short in _LITERAL.findall(_SOURCE.read_text())}
    if "scan" not in found or any("\\(" in text for text in found.values()):
        raise BrokenRunError(f"{_SOURCE.name} has its statements in another form than this reads")
    return found


def arguments(statement: str, values: dict[str, int | str]) -> list[int | str]:
    """The values for the statement's parameters, each named by what stands before it: `tool_id = ?`, `LIMIT ?`."""
    names = [name.lower() for name in _PARAMETER.findall(statement)]
    if len(names) != statement.count("?") or any(name not in values for name in names):
        raise BrokenRunError(f"it is not known what to ask this with: {statement}")
    return [values[name] for name in names]


def plan(database: Path, statement: str, values: dict[str, int | str]) -> str:
    """How SQLite goes about a statement."""
    with closing(_open(database)) as connection:
        rows = connection.execute(f"EXPLAIN QUERY PLAN {statement}", arguments(statement, values)).fetchall()
    return "; ".join(row[3] for row in rows)


def microseconds(database: Path, statement: str, values: dict[str, int | str], times: int = 300) -> float:
    """How long a statement takes with all its rows; the median of so many times."""
    bound, taken = arguments(statement, values), []
    with closing(_open(database)) as connection:
        for _ in range(times):
            began = time.perf_counter()
            connection.execute(statement, bound).fetchall()
            taken.append((time.perf_counter() - began) * 1e6)
    return median(taken)


def _open(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{database}?immutable=1", uri=True)
