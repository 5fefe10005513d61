"""The store of a daemon that is not running: when its records are due, and more of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

_TABLE = "tool_auths"


@dataclass(frozen=True)
class Times:
    """Those of one record's access token, in milliseconds since 1970."""

    user: str
    obtained: int
    due: int
    expires: int


class StoppedStore:
    """Open until its context is left, which also writes the log back into the database, as a stop does."""

    def __init__(self, state: Path) -> None:
        self._database = sqlite3.connect(state / "toolauthd.db", isolation_level=None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            self._database.close()

    def schedule(self, tool: str, times: Iterable[Times]) -> None:
        """Sets when records were obtained, are due, and expire; what put one off is forgotten."""
        self._database.execute("BEGIN")
        self._database.executemany(
            f"UPDATE {_TABLE} SET obtained_at = ?, refresh_at = ?, due_at = ?, expires_at = ?, next_attempt_at = NULL"
            " WHERE tool_id = ? AND user_id = ?",
            ((one.obtained, one.due, one.due, one.expires, tool, one.user) for one in times),
        )
        self._database.execute("COMMIT")

    def multiply(self, tool: str, user: str, count: int, first_due: int) -> None:
        """Adds copies of a record, for users named after it, due each a millisecond after the other.

        Their tokens do not open, being sealed for the one they are copied from; whoever only reads what is due does not
        notice.
        """
        columns = [row[1] for row in self._database.execute(f"PRAGMA table_info({_TABLE})") if not row[5]]
        differs = {
            "user_id": "user_id || '-' || number",
            "refresh_at": "? + number",
            "due_at": "? + number",
            "expires_at": "? + number + 600000",
        }
        values = ", ".join(differs.get(column, column) for column in columns)
        self._database.execute("PRAGMA cache_size = -262144")
        self._database.execute("BEGIN")
        self._database.execute(
            f"WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < ?)"
            f" INSERT INTO {_TABLE} ({', '.join(columns)}) SELECT {values}"
            f" FROM numbers, {_TABLE} WHERE tool_id = ? AND user_id = ?",
            (count, *[first_due] * sum(column in columns for column in list(differs)[1:]), tool, user),
        )
        self._database.execute("COMMIT")

    def count(self, tool: str, since: int) -> int:
        """How many records have a token obtained at an instant or later."""
        return _count(self._database, tool, since)


class StoreWatch:
    """The store of a daemon that is running, as it lies on disk."""

    def __init__(self, state: Path) -> None:
        self._database = sqlite3.connect(f"file:{state / 'toolauthd.db'}?mode=ro", uri=True, isolation_level=None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def count(self, tool: str, since: int) -> int:
        """How many records have a token obtained at an instant or later."""
        return _count(self._database, tool, since)


def _count(database: sqlite3.Connection, tool: str, since: int) -> int:
    query = f"SELECT count(*) FROM {_TABLE} WHERE tool_id = ? AND obtained_at >= ?"
    count: int = database.execute(query, (tool, since)).fetchone()[0]
    return count
