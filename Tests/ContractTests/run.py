"""
Runs the tests: all of them, or those named as unittest has it.

After all of them, what the document knows and none has seen is a failure too.
"""

from __future__ import annotations

import sys
import unittest

import contract
from case import SEEN
from contract import Outcome

#: Nothing can bring these about here.
UNSEEN = {
    # A forced refresh waits longer than a minute.
    Outcome("tryRefreshToken", 504, "refresh-pending"),
}


def main(names: list[str]) -> int:
    loader = unittest.defaultTestLoader
    suite = loader.loadTestsFromNames(names) if names else loader.discover(".")
    if not unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful():
        return 1
    if names:
        return 0
    known = set(contract.load().outcomes())
    print(f"{len(SEEN)} of the {len(known)} answers that the document has were seen.", file=sys.stderr)
    untested, needless = sorted(known - SEEN - UNSEEN), sorted(UNSEEN - (known - SEEN))
    for outcome in untested:
        print(f"Never seen: {outcome}. Test it, or take it out of the document.", file=sys.stderr)
    for outcome in needless:
        print(f"Excused, and needs no excuse: {outcome}.", file=sys.stderr)
    return 1 if untested or needless else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
