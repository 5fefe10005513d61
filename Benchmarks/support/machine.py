"""The machine that figures were taken on."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def describe(directory: Path) -> dict[str, str]:
    """What matters for the figures, and how busy the machine was with other things; `directory` is where stores lie."""
    return {
        "processor": f"{_field('/proc/cpuinfo', 'model name') or platform.machine()}, {os.cpu_count()} cores",
        "memory": f"{int((_field('/proc/meminfo', 'MemTotal') or '0 kB').split()[0]) // 1024} MiB",
        "system": f"{platform.freedesktop_os_release().get('PRETTY_NAME', '')}, Linux {platform.release()}",
        "file system": _file_system(directory),
        "load before": " ".join(f"{load:.2f}" for load in os.getloadavg()),
    }


def _field(file: str, name: str) -> str | None:
    for line in Path(file).read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return None


def _file_system(directory: Path) -> str:
    """The type of the innermost mount that `directory` lies on."""
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    around = [(mount[1], mount[2]) for mount in mounts if directory.resolve().is_relative_to(mount[1])]
    return max(around, key=lambda mount: len(mount[0]))[1] if around else "unknown"
