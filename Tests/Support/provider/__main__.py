"""Runs the provider, as `python3 -m provider` beside this folder or as `python3 path/to/provider` from anywhere."""

import sys
from pathlib import Path

if __package__ in (None, ""):
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from provider.command import main

sys.exit(main())
