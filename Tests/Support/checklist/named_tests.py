"""The names of all tests: of Swift's suites as `Suite/“test”`, of Python's as `file.py::function`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_STRING = r'"((?:[^"\\]|\\.)*)"'
_DECLARATION = re.compile(
    rf"@Suite\(\s*{_STRING}|@Test\(\s*{_STRING}"
    r"|^(?:@Suite(?:\([^\n]*\))?[ ])?(?:final[ ])?(?:struct|class|actor|extension)[ ](\w+)",
    re.MULTILINE,
)
_REFERENCE = re.compile(r"`([^`/]+/“[^”`]+”|[a-z0-9_]+\.py::[a-z0-9_]+)`")


def swift_tests(source: str) -> Iterator[str]:
    """The tests of a file, each with its suite's name, or with its type's where the suite has none."""
    suite, title = "", None
    for match in _DECLARATION.finditer(source):
        if match[1] is not None:
            title = match[1].replace('\\"', '"')
        elif match[2] is not None:
            name = match[2].replace('\\"', '"')
            yield f"{suite}/“{name}”"
        else:
            suite, title = title or match[3], None


def python_tests(file: str, source: str) -> Iterator[str]:
    """The test functions of a file."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield f"{file}::{node.name}"


def all_tests(root: Path = ROOT) -> set[str]:
    """Every test in the repository."""
    found: set[str] = set()
    for directory in ("Tests", "Examples"):
        for path in (root / directory).rglob("*.swift"):
            found.update(swift_tests(path.read_text()))
        for path in (root / directory).rglob("test_*.py"):
            found.update(python_tests(path.name, path.read_text()))
    return found


def named_in(document: str) -> list[str]:
    """The tests that a document names, in its order."""
    return _REFERENCE.findall(document)
