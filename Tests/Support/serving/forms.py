"""application/x-www-form-urlencoded as RFC 6749 has it (section 3.1, appendix B), with nothing overlooked."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


class FormError(ValueError):
    """The text is not what a client should send."""


def decode_value(text: str) -> str:
    """Decodes one name or value; raises FormError for a bad escape or for bytes that are no UTF-8."""
    if _ESCAPE.search(text):
        raise FormError("a % that begins no escape")
    try:
        # Bytes that came as they are were read as Latin-1, and are given back as they were.
        return unquote_to_bytes(text.replace("+", " ").encode("latin-1")).decode("utf-8")
    except UnicodeError:
        raise FormError("bytes that are not UTF-8") from None


def decode_pairs(text: str) -> list[tuple[str, str]]:
    """The parameters of a body or query in their order, those that come twice or are empty included."""
    pairs = []
    for pair in text.split("&") if text else []:
        name, _, value = pair.partition("=")
        pairs.append((decode_value(name), decode_value(value)))
    return pairs
