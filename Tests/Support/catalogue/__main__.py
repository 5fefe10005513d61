"""Runs the server, as `python3 -m catalogue` beside this folder or as `python3 path/to/catalogue` from anywhere."""

import sys
from pathlib import Path

if __package__ in (None, ""):
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from catalogue.command import main

sys.exit(main())
