"""A file system of its own, to be filled."""

from __future__ import annotations

import errno
import subprocess
import tempfile
from pathlib import Path

_BLOCK = b"\1" * 4096


class SmallDisk:
    """A tmpfs. Needs the right to mount one."""

    def __init__(self, path: Path, kibibytes: int) -> None:
        """Mounts it over the directory at `path`."""
        self._path = path
        self._ballast = path / "ballast"
        options = f"mode=0700,size={kibibytes}k"
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)]
        subprocess.run(command, check=True, capture_output=True)

    @staticmethod
    def is_available() -> bool:
        """Whether one can be mounted here."""
        with tempfile.TemporaryDirectory() as directory:
            try:
                SmallDisk(Path(directory), 64).unmount()
            except (OSError, subprocess.CalledProcessError):
                return False
        return True

    def unmount(self) -> None:
        """Removes it with all that is on it."""
        subprocess.run(["umount", "-l", str(self._path)], check=True)

    def fill(self) -> None:
        """Takes all the room there is."""
        with self._ballast.open("ab", buffering=0) as file:
            try:
                while file.write(_BLOCK):
                    pass
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise

    def make_room(self) -> None:
        """Gives back what `fill` took."""
        self._ballast.unlink(missing_ok=True)
