"""The guides of docs/, followed line by line by somebody at a shell of root's."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from packages import DIRECTORY, ROOT
from service import PATIENCE


@dataclass(frozen=True)
class Step:
    """What a guide tells to do: a command, or a file to write."""

    place: str
    #: The nearest heading above it.
    heading: str
    text: str
    #: None for a command.
    file: Path | None = None


#: A block that is fenced with one of these and no path is only shown: part of a file, or what a program prints.
_SHOWN = ("", "python", "text", "yaml")


def steps(guide: str) -> list[Step]:
    """Lines that are indented by four are commands; a block that is fenced with a language and a path is a file."""
    found: list[Step] = []
    heading, fence, begun, body = "", None, "", []
    for number, line in enumerate((ROOT / "docs" / guide).read_text().splitlines(), 1):
        place = f"docs/{guide}:{number}"
        if fence is not None:
            if line != "```":
                body.append(line + "\n")
                continue
            if named := re.fullmatch(r"```\w+ (/\S+)", fence):
                found.append(Step(place, heading, "".join(body), Path(named[1])))
            else:
                language = fence.removeprefix("```").partition(" ")[0]
                assert language in _SHOWN, f"{begun}: {fence} has no path, and nobody would follow it"
            fence, body = None, []
        elif line.startswith("```"):
            fence, begun = line, place
        elif line.startswith("#"):
            heading = line.lstrip("# ")
        elif line.startswith("    "):
            found.append(Step(place, heading, line[4:]))
    assert fence is None, f"{begun}: {fence} has no end"
    assert found, f"docs/{guide} tells to do nothing"
    return found


#: Programs of ours and of systemd's, with arguments, in running text.
_IN_TEXT = re.compile(r"`((?:toolauthctl|toolauthd|systemctl|journalctl|loginctl|systemd-[a-z]+) [^`\n]+)`")
_PLACEHOLDER = re.compile(r"\b[A-Z]{2,}\b")


def commands_in_text(guide: str) -> list[str]:
    """Commands that a guide names by the way; not those that hold the place of others, as with TOOL."""
    text = (ROOT / "docs" / guide).read_text()
    return [command for command in _IN_TEXT.findall(text) if not _PLACEHOLDER.search(command)]


def shell(
    command: str, stdin: str | None = None, exit_status: int = 0, directory: Path = DIRECTORY, user: str | None = None
) -> str:
    """Has bash run a command as somebody types it, and returns all that it printed.

    user: who types it, after a login of his own; else root.
    """
    who = ["bash"] if user is None else ["runuser", "--login", user, "--shell", "/bin/bash"]
    done = subprocess.run(
        [*who, "-c", command],
        input=stdin or "",
        cwd=directory,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "PAGER": "cat", "TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == exit_status, f"exit {done.returncode}\n{done.stdout}"
    return done.stdout


#: Runs a command, and returns what it printed.
Way = Callable[[str], str]


def follow(
    guide: str,
    before: dict[str, Callable[[], None]] | None = None,
    ways: dict[str, Way] | None = None,
    shows: dict[str, str] | None = None,
    names: dict[str, Callable[[], str]] | None = None,
) -> None:
    """Does all that a guide tells, in its order; each command must succeed.

    before: what happens to the reader's machine, by the heading at which it does.
    ways: commands that are not run by the shell of root alone, by their texts.
    shows: regular expressions for what commands print, by their texts.
    names: what stands for words of the guide, when a command is about to run.
    """
    before, ways, shows, names = dict(before or {}), dict(ways or {}), dict(shows or {}), names or {}
    # What is set in a shell is so for all that is typed there afterwards.
    settings = ""
    for step in steps(guide):
        if step.heading in before:
            before.pop(step.heading)()
        if step.file is not None:
            step.file.parent.mkdir(parents=True, exist_ok=True)
            step.file.write_text(step.text)
            continue
        if step.text.startswith("set "):
            settings = f"{step.text}; "
            continue
        command = settings + step.text
        for name, value in names.items():
            if re.search(rf"\b{name}\b", command):
                command = re.sub(rf"\b{name}\b", value(), command)
        try:
            printed = ways.pop(step.text, shell)(command)
        except AssertionError as failure:
            raise AssertionError(f"{step.place}: {step.text}\n{failure}") from failure
        if step.text in shows:
            wanted = shows.pop(step.text)
            assert re.search(wanted, printed), f"{step.place}: {step.text}\nnot {wanted!r} in:\n{printed}"
    left = [*before, *ways, *shows]
    assert not left, f"docs/{guide} does not have {left}"
