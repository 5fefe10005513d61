"""Contrast as the Web Content Accessibility Guidelines (2.2, success criterion 1.4.3) compute it."""

from __future__ import annotations

import re

Colour = tuple[float, float, float]


def colour(text: str) -> Colour | None:
    """A computed colour that is opaque, such as `rgb(22, 26, 34)`; None: it is not."""
    numbers = [float(number) for number in re.findall(r"[\d.]+", text)]
    assert text.startswith("rgb") and len(numbers) in (3, 4), text
    return (numbers[0], numbers[1], numbers[2]) if len(numbers) == 3 or numbers[3] == 1 else None


def contrast(one: Colour, other: Colour) -> float:
    """From 1, none, to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(of: Colour) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in of)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
