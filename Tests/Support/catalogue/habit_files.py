"""Reads a directory of habit files, whole or not at all."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from catalogue.habit import Habit
from catalogue.habit_reader import read_habit
from catalogue.habit_rules import check_rules
from catalogue.node import Node

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


class HabitError(Exception):
    """Habit files that are not as they should be. `complaints` names file and place of each mistake."""

    def __init__(self, complaints: list[str]) -> None:
        super().__init__("\n".join(complaints))
        self.complaints = complaints


def read_directory(directory: Path) -> dict[str, Habit]:
    """The habits in a directory by name; raises HabitError with every mistake in all files."""
    if not directory.is_dir():
        raise HabitError([f"{directory}: is no directory"])
    habits: dict[str, Habit] = {}
    complaints: list[str] = []
    for path in sorted(directory.glob("*.json")):
        try:
            habits[path.stem] = read_file(path)
        except HabitError as error:
            complaints += error.complaints
    if not habits and not complaints:
        complaints.append(f"{directory}: has no habit file")
    complaints += _disagreements(habits)
    if complaints:
        raise HabitError(complaints)
    return habits


def read_file(path: Path) -> Habit:
    """The habit in a file; raises HabitError with every mistake in it."""
    complaints: list[str] = []
    if not _NAME.fullmatch(path.stem):
        complaints.append("the file's name is none of a provider: lower-case letters, digits, _ and -")
    try:
        # A name that comes twice is no error to Python's reader, and hides the first value.
        twice: set[str] = set()
        value = json.loads(path.read_bytes(), object_pairs_hook=lambda pairs: _object(pairs, twice))
    except ValueError as error:
        raise HabitError([f"{path.name}: is no JSON: {error}"]) from None
    except OSError as error:
        raise HabitError([f"{path.name}: cannot be read: {error.strerror}"]) from None
    complaints += [f"{name}: comes more than once in its object" for name in sorted(twice)]
    top = Node(value, "", complaints)
    habit = read_habit(path.stem, top)
    if not complaints:
        check_rules(habit, top)
    if complaints:
        raise HabitError([f"{path.name}: {complaint}" for complaint in complaints])
    return habit


def _object(pairs: list[tuple[str, Any]], twice: set[str]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            twice.add(name)
        members[name] = value
    return members


def _disagreements(habits: dict[str, Habit]) -> list[str]:
    """Complains of habits that say different things of the same metadata."""
    first: dict[tuple[str, int, str], Habit] = {}
    complaints = []
    for habit in habits.values():
        others = {first.setdefault(place, habit).name for place in habit.metadata_places}
        for other in sorted(others):
            if habits[other].discovery != habit.discovery:
                complaints.append(f"{habit.name}.json: discovery: is not what {other}.json has for the same issuer")
    return complaints
