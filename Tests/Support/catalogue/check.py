"""Checks habit files, as `python3 -m catalogue.check HABITS_DIR`: says what is wrong with them, file and place."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from catalogue.habit_files import HabitError, read_directory


def main() -> int:
    """0: every file is good. 1: what is wrong was printed, a line for each mistake."""
    parser = argparse.ArgumentParser(prog="catalogue.check", description=__doc__)
    parser.add_argument("habits", type=Path, metavar="HABITS_DIR")
    try:
        habits = read_directory(parser.parse_args().habits)
    except HabitError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(habits)} habit files are good")
    return 0


if __name__ == "__main__":
    sys.exit(main())
