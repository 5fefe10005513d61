"""How bytes may be spelled: what a secret becomes when it is encoded, and what a text becomes when it is decoded."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import quote, unquote_to_bytes

#: Bytes before a secret that put it at each of the three places it can have in Base64.
_ALIGNMENTS = (b"", b"x", b"xx")


def forms(secret: bytes) -> Iterator[tuple[str, bytes]]:
    """
    The encodings that are looked for as they are, each with its name.

    Of Base64 only the characters that the secret alone decides, at each of the three alignments.
    """
    yield "raw", secret
    inner = {secret: ""}
    # Basic authentication has the form-encoded secret in Base64 (RFC 6749 section 2.3.1).
    inner.setdefault(quote(secret, safe="").encode(), " of URL-encoded")
    inner.setdefault(json.dumps(secret.decode("utf-8", "replace"))[1:-1].encode(), " of JSON")
    for plain, of in inner.items():
        for alignment, before in enumerate(_ALIGNMENTS):
            encoded = _decided(plain, before)
            yield f"base64{of}, alignment {alignment}", encoded
            yield f"base64url{of}, alignment {alignment}", encoded.translate(bytes.maketrans(b"+/", b"-_"))
        yield f"hex{of}", plain.hex().encode()
        yield f"HEX{of}", plain.hex().upper().encode()


def _decided(plain: bytes, before: bytes) -> bytes:
    first = -(-8 * len(before) // 6)
    last = 8 * (len(before) + len(plain)) // 6
    return base64.b64encode(before + plain)[first:last]


_JSON_ESCAPE = re.compile(rb'\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(["\\/bfnrt]))')
_SHORT = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
#: As journalctl -o json has fields that are not printable.
_NUMBERS = re.compile(rb"\[\s*\d{1,3}(?:\s*,\s*\d{1,3}){3,}\s*\]")


def _unescape(match: re.Match[bytes]) -> bytes:
    wide, narrow, short = match.groups()
    if short is not None:
        return _SHORT.get(short, short)
    return chr(int(wide or narrow, 16)).encode("utf-8", "replace")


def _numbers(match: re.Match[bytes]) -> bytes:
    values = [int(digits) for digits in re.findall(rb"\d+", match[0])]
    return bytes(values) if max(values) < 256 else match[0]


def _unquote(text: bytes) -> bytes:
    return unquote_to_bytes(text.replace(b"+", b" "))


def _unescape_html(text: bytes) -> bytes:
    return html.unescape(text.decode("latin-1")).encode("latin-1", "replace") if b"&" in text else text


_DECODINGS: dict[str, Callable[[bytes], bytes]] = {
    "URL-encoded": unquote_to_bytes,
    "form-encoded": _unquote,
    "JSON-escaped": lambda text: _JSON_ESCAPE.sub(_unescape, text),
    "HTML-escaped": _unescape_html,
    "a list of numbers": lambda text: _NUMBERS.sub(_numbers, text),
}
#: Text within text, such as JSON as a string in JSON.
DEPTH = 2


def readings(text: bytes) -> Iterator[tuple[str, bytes]]:
    """The text as it is, and as it reads with up to two decodings; each reading once."""
    seen = {text}
    layer = [("", text)]
    yield layer[0]
    for _ in range(DEPTH):
        deeper = []
        for name, outer in layer:
            for decoding, decode in _DECODINGS.items():
                inner = decode(outer)
                if inner not in seen:
                    seen.add(inner)
                    deeper.append((f"{decoding} in {name}" if name else decoding, inner))
        yield from deeper
        layer = deeper
