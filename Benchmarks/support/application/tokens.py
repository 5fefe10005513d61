#!/usr/bin/env python3
"""How applications keep their users' tokens fresh themselves: a table, and a loop over what ends soon.

tokens.py DATABASE fill COUNT                             gives alice-0, alice-1, … tokens that end soon
tokens.py DATABASE refresh URL CA_FILE                    refreshes them, one after the other
tokens.py DATABASE refresh URL CA_FILE --threads COUNT    by so many threads, each with a connection that it keeps

Prints how many it refreshed and the seconds it took.
"""

from __future__ import annotations

import argparse
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import requests
from sqlalchemy import DateTime, Engine, create_engine, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

SOON = timedelta(minutes=5)


class Base(DeclarativeBase):
    """Of all tables."""


class ToolAuth(Base):
    """The tokens that a user has for a tool."""

    __tablename__ = "tool_auths"

    id: Mapped[int] = mapped_column(primary_key=True)
    tool_id: Mapped[str] = mapped_column(index=True)
    user_id: Mapped[str] = mapped_column(index=True)
    access_token: Mapped[str]
    refresh_token: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


def now() -> datetime:
    """By the clock that the database's instants are of."""
    return datetime.now(UTC)


def fill(engine: Engine, count: int) -> None:
    """A new table with so many records."""
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        for number in range(count):
            name = f"alice-{number}"
            session.add(
                ToolAuth(
                    tool_id="mail",
                    user_id=name,
                    access_token=f"access-{name}",
                    refresh_token=f"{name}~0",
                    expires_at=now() + SOON / 2,
                )
            )
        session.commit()


def refresh(http: requests.Session, session: Session, tool_auth: ToolAuth, url: str, ca_file: str) -> None:
    """Asks for new tokens, and stores them before anything else is done."""
    reply = http.post(
        url,
        data={"grant_type": "refresh_token", "refresh_token": tool_auth.refresh_token},
        auth=("mail-client", "mail-secret"),
        verify=ca_file,
        timeout=30,
    )
    reply.raise_for_status()
    tokens = reply.json()
    tool_auth.access_token = tokens["access_token"]
    tool_auth.refresh_token = tokens.get("refresh_token", tool_auth.refresh_token)
    tool_auth.expires_at = now() + timedelta(seconds=tokens["expires_in"])
    session.commit()


def refresh_all(engine: Engine, url: str, ca_file: str) -> int:
    """One after the other."""
    with Session(engine) as session:
        due = session.scalars(select(ToolAuth).where(ToolAuth.expires_at < now() + SOON)).all()
        for tool_auth in due:
            # As `requests.post` does: a connection for each request.
            with requests.Session() as http:
                refresh(http, session, tool_auth, url, ca_file)
        return len(due)


def refresh_all_at_once(engine: Engine, url: str, ca_file: str, threads: int) -> int:
    """By many threads."""
    own = threading.local()

    def refresh_one(number: int) -> None:
        if not hasattr(own, "http"):
            own.http = requests.Session()
        with Session(engine) as session:
            refresh(own.http, session, session.get_one(ToolAuth, number), url, ca_file)

    with Session(engine) as session:
        due = session.scalars(select(ToolAuth.id).where(ToolAuth.expires_at < now() + SOON)).all()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(refresh_one, due))
    return len(due)


def open_database(path: str, threads: int) -> Engine:
    """A file of SQLite, as it comes; with threads as it is set up for them: a log, and patience."""
    if threads == 1:
        return create_engine(f"sqlite:///{path}")
    engine = create_engine(f"sqlite:///{path}", pool_size=threads, connect_args={"timeout": 60})

    @event.listens_for(engine, "connect")
    def connected(connection: object, _: object) -> None:
        connection.execute("PRAGMA journal_mode = WAL")  # type: ignore[attr-defined]

    return engine


def main() -> None:
    """As the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("database")
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("fill").add_argument("count", type=int)
    refreshing = actions.add_parser("refresh")
    refreshing.add_argument("url")
    refreshing.add_argument("ca_file")
    refreshing.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.action == "fill":
        fill(open_database(arguments.database, 1), arguments.count)
        return
    engine = open_database(arguments.database, arguments.threads)
    began = time.monotonic()
    if arguments.threads == 1:
        count = refresh_all(engine, arguments.url, arguments.ca_file)
    else:
        count = refresh_all_at_once(engine, arguments.url, arguments.ca_file, arguments.threads)
    print(count, time.monotonic() - began)


if __name__ == "__main__":
    main()
