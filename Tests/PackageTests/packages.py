"""The packages under test, and what Debian's tools say of them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from service import run

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ["TOOLAUTHD_BIN"])
DIRECTORY = Path(os.environ["TOOLAUTHD_PACKAGES"])
VERSION = run(str(ROOT / "scripts" / "version.sh")).stdout.strip()
NEXT_VERSION = f"{VERSION}+next"
ARCHITECTURE = run("dpkg", "--print-architecture").stdout.strip()

PACKAGE = DIRECTORY / f"toolauthd_{VERSION}_{ARCHITECTURE}.deb"
SYMBOLS = DIRECTORY / f"toolauthd-dbgsym_{VERSION}_{ARCHITECTURE}.deb"
NEXT_PACKAGE = DIRECTORY / "next" / f"toolauthd_{NEXT_VERSION}_{ARCHITECTURE}.deb"


@dataclass(frozen=True)
class Entry:
    """A file or directory of a package, as `dpkg-deb --contents` shows it."""

    mode: str
    owner: str


def field(package: Path, name: str) -> str:
    return run("dpkg-deb", "--field", str(package), name).stdout.strip()


def contents(package: Path) -> dict[str, Entry]:
    """Everything in it, by absolute path; directories end with a slash, links with their target."""
    entries = {}
    for line in run("dpkg-deb", "--contents", str(package)).stdout.splitlines():
        mode, owner, _size, _date, _time, path = line.split(maxsplit=5)
        entries[path.removeprefix(".")] = Entry(mode, owner)
    return entries
