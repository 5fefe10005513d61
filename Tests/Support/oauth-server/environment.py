"""The virtual environment that django-oauth-toolkit lives in, made once and kept."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

_REQUIREMENTS = Path(__file__).resolve().parent / "requirements.txt"


def default_location() -> Path:
    """`$XDG_CACHE_HOME/toolauthd-tests/venv`, or the same under ~/.cache."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "toolauthd-tests" / "venv"


def install(venv: Path) -> Path:
    """Makes sure that `venv` has what requirements.txt names, and returns its Python.

    Needs the network only when something is missing. Raises SystemExit with what to do when it cannot be made.
    """
    wanted = hashlib.sha256(_REQUIREMENTS.read_bytes()).hexdigest()
    marker = venv / "requirements.sha256"
    python = venv / "bin" / "python"
    venv.parent.mkdir(parents=True, exist_ok=True)
    with open(venv.parent / f"{venv.name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if marker.exists() and marker.read_text() == wanted and python.exists():
            return python
        _run([sys.executable, "-m", "venv", "--clear", str(venv)], "is python3-venv installed?")
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, "-r", str(_REQUIREMENTS)], "is PyPI, or a mirror of it that pip is configured for, in reach?")
        marker.write_text(wanted)
    return python


def _run(command: list[str], advice: str) -> None:
    done = subprocess.run(command, check=False, stdout=sys.stderr)
    if done.returncode != 0:
        raise SystemExit(f"oauth_server: {' '.join(command)} failed; {advice}")
