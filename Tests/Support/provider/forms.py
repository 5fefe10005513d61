"""What a strict server asks of application/x-www-form-urlencoded (RFC 6749 section 3.1, appendix B)."""

from __future__ import annotations

import re

from serving.forms import FormError, decode_pairs, decode_value

#: What may stand in an encoded name or value. `~` is encoded by HTML forms and left alone by most libraries.
_ALLOWED = re.compile(r"[A-Za-z0-9*\-._~+%]*")


def decode_strictly(text: str) -> str:
    """As decode_value, and refuses characters that appendix B would have encoded."""
    if not _ALLOWED.fullmatch(text):
        raise FormError("a character that should have been form-urlencoded")
    return decode_value(text)


def decode_form(text: str) -> dict[str, str]:
    """The parameters of a body or query. An empty value counts as left out; a name that comes twice is an error."""
    parameters: dict[str, str] = {}
    for name, value in decode_pairs(text):
        if name in parameters:
            raise FormError(f"the parameter {name} comes more than once")
        parameters[name] = value
    return {name: value for name, value in parameters.items() if value}
