"""application/x-www-form-urlencoded as RFC 6749 has it (section 3.1, appendix B), with nothing overlooked."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
#: What may stand in an encoded name or value. `~` is encoded by HTML forms and left alone by most libraries.
_ALLOWED = re.compile(r"[A-Za-z0-9*\-._~+%]*")


class FormError(ValueError):
    """The text is not what a client should send."""


def decode_value(text: str) -> str:
    """Decodes one name or value; raises FormError for a bad escape or for bytes that are no UTF-8."""
    if _ESCAPE.search(text):
        raise FormError("a % that begins no escape")
    try:
        return unquote_to_bytes(text.replace("+", " ")).decode("utf-8")
    except UnicodeDecodeError:
        raise FormError("bytes that are not UTF-8") from None


def decode_strictly(text: str) -> str:
    """As decode_value, and refuses characters that appendix B would have encoded."""
    if not _ALLOWED.fullmatch(text):
        raise FormError("a character that should have been form-urlencoded")
    return decode_value(text)


def decode_form(text: str) -> dict[str, str]:
    """The parameters of a body or query. An empty value counts as left out; a name that comes twice is an error."""
    seen: set[str] = set()
    parameters: dict[str, str] = {}
    for pair in text.split("&") if text else []:
        raw_name, _, raw_value = pair.partition("=")
        name, value = decode_value(raw_name), decode_value(raw_value)
        if name in seen:
            raise FormError(f"the parameter {name} comes more than once")
        seen.add(name)
        if value:
            parameters[name] = value
    return parameters
