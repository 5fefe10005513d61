"""Takes back what a process that died under powercut.so had not synced: the other half of powercut.c."""

from __future__ import annotations

import enum
import os
import shutil
import struct
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

_HERE = Path(__file__).resolve().parent
_SOURCES = ("powercut.c", "undo_log.c")
#: struct entry of undo_log.h.
_ENTRY = struct.Struct("<IIQQqqqq")
_HEADER = struct.Struct("<Q")
#: Sparse: only what is written takes room.
_ROOM = 1 << 30
PAGE = 4096

#: Of how many versions, counted from the one last synced, which one the disk has; one for each page, size and name.
Choice = Callable[[int], int]


def drop_everything(_: int) -> int:
    """A disk that wrote nothing before it was told to."""
    return 0


def drop_some(random: Random) -> Choice:
    """A disk that wrote some pages and not others, each as it was at any moment since the last sync."""
    return lambda versions: random.choice((0, versions - 1, random.randrange(versions)))


def build(directory: Path) -> Path:
    """Compiles the library into `directory`."""
    compiler = next((name for name in ("clang", "cc", "gcc") if shutil.which(name)), None)
    if compiler is None:
        raise FileNotFoundError("no C compiler: clang, cc or gcc")
    library = directory / "powercut.so"
    flags = ["-shared", "-fPIC", "-O1", "-g", "-Wall", "-Wextra", "-Werror"]
    sources = [str(_HERE / name) for name in _SOURCES]
    subprocess.run([compiler, *flags, "-o", str(library), *sources, "-ldl", "-lpthread"], check=True)
    return library


class Kind(enum.IntEnum):
    """enum entry_kind of undo_log.h."""

    WRITE = 1
    RESIZE = 2
    SYNC = 3
    CREATE = 4
    UNLINK = 5
    RENAME = 6
    SYNC_NAMES = 7


@dataclass(frozen=True)
class Entry:
    """struct entry of undo_log.h, and where it stands in the log."""

    position: int
    kind: Kind
    inode: int
    other: int
    offset: int
    length: int
    size_before: int
    size_after: int
    content: bytes

    @property
    def names(self) -> list[str]:
        """The names a change of names is about."""
        return [name.decode() for name in self.content.split(b"\0")[:-1]]


class PowerCut:
    """The recorded changes of the files in one directory, by one process after the other."""

    def __init__(self, library: Path, directory: Path, records: Path) -> None:
        """`records`: a folder for the log and the files it keeps, on the file system of `directory`."""
        self._library = library
        self._directory = directory
        self._records = records
        self._log = records / "log"
        self.forget()

    def forget(self) -> None:
        """Takes everything for synced, as it is when a machine has started again. No process may be recorded now."""
        shutil.rmtree(self._records, ignore_errors=True)
        self._records.mkdir()
        with self._log.open("wb") as log:
            log.truncate(_ROOM)

    def environment(self, at: int | None = None, ignore_log_sync: bool = False) -> dict[str, str]:
        """
        The variables with which a process is recorded.

        `at`: the number of the change at which it dies, unless it is killed before.
        `ignore_log_sync`: what SQLite syncs of its log is lost all the same, as with `synchronous=NORMAL`.
        """
        variables = {"LD_PRELOAD": str(self._library), "POWERCUT_DIRECTORY": str(self._directory)}
        variables["POWERCUT_LOG"] = str(self._log)
        if at is not None:
            variables["POWERCUT_AT"] = str(at)
        if ignore_log_sync:
            variables["POWERCUT_IGNORE_LOG_SYNC"] = "1"
        return variables

    def entries(self) -> list[Entry]:
        """The log, oldest first."""
        entries = []
        with self._log.open("rb") as log:
            (end,) = _HEADER.unpack(log.read(_HEADER.size))
            data = log.read(max(0, end - _HEADER.size))
        position = 0
        while position < len(data):
            kind, content_length, inode, other, *extent = _ENTRY.unpack_from(data, position)
            start = position + _ENTRY.size
            content = data[start : start + content_length]
            offset, length, size_before, size_after = extent
            entries.append(
                Entry(
                    position + _HEADER.size, Kind(kind), inode, other, offset, length, size_before, size_after, content
                )
            )
            position = start + (content_length + 7) // 8 * 8
        return entries

    def happen(self, choice: Choice = drop_everything) -> int:
        """
        Leaves of the files what a disk has after the power is back, and forgets. The process must be gone.

        Returns how many changes were not synced, and up to `choice`.
        """
        entries = self.entries()
        unsynced = self._undo_names(entries, choice)
        for path in sorted(self._directory.iterdir()):
            if path.name.endswith("-shm"):
                path.unlink()
            elif path.is_file():
                unsynced += self._undo_content(path, entries, choice)
        self.forget()
        return unsynced

    def _undo_names(self, entries: list[Entry], choice: Choice) -> int:
        synced = max((entry.other for entry in entries if entry.kind is Kind.SYNC_NAMES), default=0)
        kinds = (Kind.CREATE, Kind.UNLINK, Kind.RENAME)
        changes = [entry for entry in entries if entry.kind in kinds and entry.position >= synced]
        # A file system writes changes of names in their order.
        for change in reversed(changes[choice(len(changes) + 1) :]):
            self._undo_name(change)
        return len(changes)

    def _undo_name(self, change: Entry) -> None:
        first = self._directory / change.names[0]
        match change.kind:
            case Kind.CREATE:
                if _inode(first) == change.inode:
                    first.unlink()
            case Kind.UNLINK:
                if _inode(first) is None:
                    os.link(self._records / str(change.inode), first)
            case Kind.RENAME:
                second = self._directory / change.names[1]
                # It may have died before the change that it had recorded.
                if _inode(second) == change.inode:
                    second.rename(first)
                    if change.other:
                        os.link(self._records / str(change.other), second)

    def _undo_content(self, path: Path, entries: list[Entry], choice: Choice) -> int:
        inode = path.stat().st_ino
        own = [entry for entry in entries if entry.inode == inode]
        synced = max((entry.other for entry in own if entry.kind is Kind.SYNC), default=0)
        changes = [e for e in own if e.kind in (Kind.WRITE, Kind.RESIZE) and e.position >= synced]
        if not changes:
            return 0
        # For each page, from which of the changes on it is taken back.
        touching: dict[int, list[int]] = {}
        for number, change in enumerate(changes):
            for page in _pages(change):
                touching.setdefault(page, []).append(number)
        first_lost = {page: (*numbers, len(changes))[choice(len(numbers) + 1)] for page, numbers in touching.items()}
        with path.open("r+b") as file:
            for number, change in reversed(list(enumerate(changes))):
                old = change.content.ljust(change.length, b"\0")
                for page in _pages(change):
                    if number >= first_lost[page]:
                        start = max(change.offset, page * PAGE)
                        end = min(change.offset + change.length, (page + 1) * PAGE)
                        file.seek(start)
                        file.write(old[start - change.offset : end - change.offset])
            sizes = [changes[0].size_before, *(change.size_after for change in changes)]
            file.truncate(sizes[choice(len(sizes))])
        return len(changes)


def _pages(change: Entry) -> range:
    return range(change.offset // PAGE, -(-(change.offset + change.length) // PAGE))


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None
