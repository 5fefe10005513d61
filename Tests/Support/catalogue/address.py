"""The URLs of habit files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from serving.forms import FormError, decode_pairs

_LABEL = "[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_HOST = re.compile(rf"({_LABEL}\.)+{_LABEL}")
_ONLY_DIGITS = re.compile(r"[0-9.]+")


@dataclass(frozen=True, slots=True)
class Address:
    """Where an endpoint is. A query, if there is one, belongs to every request to it."""

    host: str
    port: int
    path: str
    query: tuple[tuple[str, str], ...] = ()

    @property
    def place(self) -> tuple[str, int, str]:
        """Host, port and path: by which requests find their endpoint."""
        return self.host, self.port, self.path

    def __str__(self) -> str:
        port = "" if self.port == 443 else f":{self.port}"
        return f"https://{self.host}{port}{self.path}"


class AddressError(ValueError):
    """The text is no URL of an endpoint."""


def parse_address(text: str) -> Address:
    """The parts of an https URL; raises AddressError."""
    try:
        parts = urlsplit(text)
        port = parts.port or 443
        query = tuple(decode_pairs(parts.query))
    except (ValueError, FormError) as error:
        raise AddressError(f"{text!r} is no URL: {error}") from None
    if parts.scheme != "https" or not text.isascii() or any(character.isspace() for character in text):
        raise AddressError(f"{text!r} is no https URL")
    if parts.username is not None or "#" in text:
        raise AddressError(f"{text!r} may have neither user nor fragment")
    host = parts.netloc.rpartition("@")[2].partition(":")[0]
    if not _HOST.fullmatch(host) or _ONLY_DIGITS.fullmatch(host) or len(host) > 253:
        raise AddressError(f"{host!r} is no name of a host, in lower case")
    return Address(host, port, parts.path or "/", query)
