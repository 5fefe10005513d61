#!/usr/bin/env python3
"""manual.py PROGRAM SECTION: prints the manual page of a program, made of what its own argument parser says of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

#: What the parser does not know.
MORE = {
    "toolauthctl": r"""
.Sh ENVIRONMENT
.Bl -tag -width TOOLAUTH_SOCKET
.It Ev TOOLAUTH_SOCKET
The daemon's socket, where
.Fl -socket
names none.
.It Ev TOOLAUTH_USER
The user, where none is named.
.It Ev NO_COLOR
No colours, where it is set and not empty.
.It Ev BROWSER
The program that
.Cm authorize Fl -open
starts; else
.Xr xdg-open 1 .
.El
.Sh FILES
.Bl -tag -width Ds
.It Pa $XDG_RUNTIME_DIR/toolauthd/api.sock
The user's own daemon, if there is one.
.It Pa /run/toolauthd/api.sock
The system's.
.El
.Sh EXIT STATUS
.Bl -tag -width Ds -compact
.It 0
Done.
.It 64
Wrong usage.
.It 66
Unknown tool or record.
.It 69
The daemon cannot be reached.
.It 74
Standard output cannot be written, such as to a full disk, or what is imported cannot be read to its end.
.It 75
It may work later: provider, store, time-out.
.It 77
Forbidden.
.It 78
The configuration is wrong.
.It 80
The user must authorize (again).
.El
.Sh SEE ALSO
.Xr toolauthd 8
""",
    "toolauthd": r"""
.Sh FILES
.Bl -tag -width Ds
.It Pa /etc/toolauthd/toolauthd.yaml
What holds for the daemon and all tools; optional.
.It Pa /etc/toolauthd/tools.d/*.yaml
The tools.
.It Pa /etc/toolauthd/providers.d/*.yaml
Providers of one's own, in the place of those shipped.
.It Pa /var/lib/toolauthd
The store and, where there is no credential, the master key.
.It Pa /run/toolauthd/api.sock
The socket.
.El
.Sh EXIT STATUS
.Bl -tag -width Ds -compact
.It 0
Stopped as asked, checked, or restored.
.It 74
The store failed.
.It 78
The configuration or the key is wrong; starting again would find the same.
.El
.Sh SEE ALSO
.Xr toolauthctl 1 ,
.Xr journalctl 1
""",
}


#: Options of every verb.
COMMON = ("socket", "json")


def is_common(argument: dict[str, Any]) -> bool:
    return argument.get("preferredName", {}).get("name") in COMMON


def text(words: str) -> str:
    """Running text, with what mdoc would take for more than words made harmless."""
    lines = []
    for line in words.replace("\\", r"\e").split("\n"):
        line = line.strip()
        lines.append(r"\&" + line if line.startswith((".", "'")) else line)
    return "\n".join(lines)


def paragraphs(words: str) -> str:
    """Paragraphs and, where they are indented, examples as they stand."""
    parts = []
    for part in re.split(r"\n\s*\n", words.strip("\n")):
        if part.startswith(" "):
            shown = part.replace("\\", r"\e")
            parts.append(".Bd -literal -offset indent\n" + "\n".join(r"\&" + line for line in shown.split("\n")) + "\n.Ed")
        else:
            parts.append(".Pp\n" + text(part))
    return "\n".join(parts)


def flag(name: dict[str, str]) -> str:
    return f"Fl -{name['name']}" if name["kind"] == "long" else f"Fl {name['name']}"


def usage(argument: dict[str, Any]) -> str:
    if argument["kind"] == "positional":
        words = f"Ar {argument['valueName']}"
    else:
        words = flag(argument["preferredName"])
        if argument["kind"] == "option":
            words += f" Ar {argument['valueName']}"
    dots = " Ns ..." if argument["isRepeating"] else ""
    return f".Op {words}{dots}" if argument["isOptional"] else f".{words}{dots}"


def arguments(command: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        argument
        for argument in command.get("arguments", [])
        if argument.get("shouldDisplay", True) and argument.get("valueName") not in ("help", "version") and not is_common(argument)
    ]


def common(command: dict[str, Any]) -> list[str]:
    """The options that every verb takes, told once."""
    for verb in command.get("subcommands", []):
        shared = [argument for argument in verb.get("arguments", []) if is_common(argument)]
        if shared:
            return [".Sh COMMON OPTIONS", "Every verb takes them.", *items(shared)]
    return []


def described(command: dict[str, Any]) -> list[str]:
    return items(arguments(command))


def items(those: list[dict[str, Any]]) -> list[str]:
    lines = []
    for argument in those:
        if argument["kind"] == "positional":
            head = f"Ar {argument['valueName']}"
        else:
            head = " , ".join(flag(name) for name in argument["names"])
            if argument["kind"] == "option":
                head += f" Ar {argument['valueName']}"
        lines.append(f".It {head}")
        lines.append(text(" ".join(filter(None, [argument.get("abstract"), argument.get("discussion")]))))
    return [".Bl -tag -width Ds", *lines, ".El"] if lines else []


def verbs(command: dict[str, Any], names: list[str]) -> list[str]:
    lines: list[str] = []
    for verb in command.get("subcommands", []):
        if verb["commandName"] == "help":
            continue
        path = [*names, verb["commandName"]]
        if verb.get("subcommands"):
            lines += verbs(verb, path)
            continue
        lines += [f".Ss {' '.join(path)}", text(verb.get("abstract", ""))]
        lines += [".Bd -ragged", f".Cm {' '.join(path)}", *(usage(argument) for argument in arguments(verb)), ".Ed"]
        if verb.get("discussion"):
            lines.append(paragraphs(verb["discussion"]))
        lines += described(verb)
    return lines


def page(command: dict[str, Any], section: str) -> str:
    name = command["commandName"]
    lines = [".Dd $Mdocdate$", f".Dt {name.upper()} {section}", ".Os", ".Sh NAME", f".Nm {name}"]
    lines += [f".Nd {text(command['abstract']).rstrip('.')}", ".Sh SYNOPSIS", ".Nm"]
    own = [argument for argument in command.get("arguments", []) if argument.get("shouldDisplay", True)]
    own = [argument for argument in own if argument.get("valueName") not in ("help", "version")]
    lines += [usage(argument) for argument in own]
    if command.get("subcommands"):
        # A program that does something without a verb, too.
        lines += [*([".Nm"] if own else []), ".Cm verb", ".Op Ar argument ..."]
    lines += [".Sh DESCRIPTION", paragraphs(command.get("discussion", "")), *items(own)]
    if command.get("subcommands"):
        lines += [*common(command), ".Sh VERBS", *verbs(command, [])]
    return "\n".join(lines) + MORE.get(name, "\n")


def main() -> None:
    program, section = sys.argv[1:]
    dump = subprocess.run([program, "--experimental-dump-help"], capture_output=True, check=True).stdout
    command = json.loads(dump)["command"]
    command["commandName"] = command.get("commandName") or Path(program).name
    sys.stdout.write(page(command, section))


if __name__ == "__main__":
    main()
