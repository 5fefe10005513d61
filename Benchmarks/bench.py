#!/usr/bin/env python3
"""Runs benchmarks of the daemon, prints what they found, and writes it down as JSON.

bench.py [--strict] [--tls] [--quick] [--program FILE] [--json FILE] [NAME…]

It fails if a run broke, and never because of what was measured, unless --strict is given. Start it by scripts/bench.sh,
which sees to it that all is there.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import agent
import application
import cost
import herd
import idle
import isolation
import lifecycle
import reads
import rudeness
import scale
import throughput
import tools
from support.figures import BrokenRunError, Figure
from support.machine import describe
from support.run import Run

ROOT = Path(__file__).resolve().parent.parent
BENCHMARKS: dict[str, Callable[[Run], list[Figure]]] = {
    "isolation": isolation.measure,
    "herd": herd.measure,
    "cost": cost.measure,
    "idle": idle.measure,
    "lifecycle": lifecycle.measure,
    "rudeness": rudeness.measure,
    "agent": agent.measure,
    "tools": tools.measure,
    "throughput": throughput.measure,
    "reads": reads.measure,
    "application": application.measure,
    "scale": scale.measure,
}
BROKEN, TOO_MUCH, USAGE, NO_PROGRAM = 1, 3, 64, 66


class Parser(argparse.ArgumentParser):
    """Wrong usage is 64 here, as everywhere in this project."""

    def error(self, message: str) -> Any:
        """Says what is wrong, and how it is right."""
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def parse() -> argparse.Namespace:
    """The command line."""
    parser = Parser(prog="bench.sh", description="Measure the daemon: each figure within one run, against itself.")
    parser.add_argument("names", metavar="NAME", nargs="*", help=f"some of: {', '.join(BENCHMARKS)}; all by default")
    parser.add_argument("--strict", action="store_true", help="fail where a figure misses its aim")
    parser.add_argument("--tls", action="store_true", help="speak TLS to the providers")
    parser.add_argument("--quick", action="store_true", help="small, to see that it works; its figures say little")
    parser.add_argument("--program", type=Path, default=ROOT / ".build/release/toolauthd", help="the daemon")
    parser.add_argument("--json", type=Path, default=ROOT / ".build/bench.json", help="where to write the figures")
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.names if name not in BENCHMARKS]:
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    if not os.access(arguments.program, os.X_OK):
        parser.exit(NO_PROGRAM, f"{parser.prog}: no {arguments.program}; 'make build' makes it\n")
    return arguments


def run_one(name: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """One benchmark, in a directory that is gone afterwards."""
    print(f"{name}: {(sys.modules[name].__doc__ or '').splitlines()[0]}", flush=True)
    began = time.monotonic()
    result: dict[str, Any] = {"name": name, "figures": []}
    try:
        with tempfile.TemporaryDirectory(prefix="toolauthd-bench-") as directory:
            program = arguments.program.resolve()
            figures = BENCHMARKS[name](Run(Path(directory), program, arguments.tls, arguments.quick))
        result["figures"] = [figure.as_json for figure in figures]
    except (BrokenRunError, OSError) as error:
        result["broken"] = "\n".join([str(error), *getattr(error, "__notes__", [])])
        print(f"  broken: {result['broken']}", file=sys.stderr, flush=True)
    result["seconds"] = round(time.monotonic() - began, 1)
    return result


def table(results: list[dict[str, Any]]) -> str:
    """What, figure, aim; below each what it was made of."""
    rows = []
    for result in results:
        for figure in result["figures"]:
            mark = {True: "", False: "  MISSED", None: ""}[figure["is_met"]]
            aim = "" if figure["aim"] is None else f"{'≥' if figure['aims_high'] else '≤'} {figure['aim']:g}"
            rows.append((result["name"], figure["what"], number(figure["value"]), figure["unit"], aim + mark))
            if figure["detail"]:
                rows.append(("", f"  {figure['detail']}", "", "", ""))
        if "broken" in result:
            rows.append((result["name"], "BROKEN", "", "", ""))
    width = max((len(row[1]) for row in rows if row[2]), default=0)
    column = max((len(row[0]) for row in rows), default=0)
    lines = [f"{'':{column}}  {'what':{width}}  {'figure':>8}  {'':11}  aim"]
    for name, what, value, unit, aim in rows:
        lines.append(f"{name:{column}}  {what:{width}}  {value:>8}  {unit:11}  {aim}".rstrip())
    return "\n".join(lines)


def number(value: float) -> str:
    """Three digits that count, and no more."""
    return f"{value:.0f}" if value == int(value) or abs(value) >= 100 else f"{value:.3g}"


def main() -> int:
    """Everything asked for, one after the other; a broken one does not stop the others."""
    arguments = parse()
    # Leaves as after Ctrl-C: what was started ends, what was written is removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    machine = describe(Path(tempfile.gettempdir()))
    how = {"program": arguments.program.name, "tls": arguments.tls, "quick": arguments.quick}
    results = [run_one(name, arguments) for name in BENCHMARKS if not arguments.names or name in arguments.names]
    print("\n" + "; ".join(f"{what} {value}" for what, value in machine.items()))
    print(table(results))
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    report = {"machine": machine, "how": how, "benchmarks": results}
    arguments.json.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    if any("broken" in result for result in results):
        return BROKEN
    missed = any(figure["is_met"] is False for result in results for figure in result["figures"])
    return TOO_MUCH if missed and arguments.strict else 0


if __name__ == "__main__":
    sys.exit(main())
