"""Tests/Support/powercut, as these tests use it."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Support"))

from powercut.undo import Choice, Kind, PowerCut, build, drop_everything, drop_some

__all__ = ["Choice", "Kind", "PowerCut", "build", "drop_everything", "drop_some"]
