"""HTTP/1.1 over asyncio streams: just enough to read requests strictly and to write replies."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus

HEAD_LIMIT = 64 * 1024
BODY_LIMIT = 4 * 1024 * 1024


class BadRequest(Exception):
    """The bytes received are no HTTP request."""


@dataclass(slots=True)
class Request:
    """One request, whole. Header names are in lower case, in the order received."""

    method: str
    #: As it was sent: a path with its query, or the authority of a CONNECT.
    target: str
    headers: list[tuple[str, str]]
    body: bytes = b""
    #: Counts connections of its server from 1, where that counts.
    connection: int = 0
    #: Counts requests of its connection from 1, where its server counts.
    number: int = 0

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """What follows the `?` of the target."""
        return self.target.partition("?")[2]

    def header(self, name: str) -> str | None:
        """The first header of that name."""
        return next((value for key, value in self.headers if key == name.lower()), None)


@dataclass(slots=True)
class Reply:
    """One reply. Content-Length, Date and Connection are added when it is sent."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def text_reply(text: str, status: int) -> Reply:
    """A line for a person."""
    return Reply(status, {"Content-Type": "text/plain; charset=utf-8"}, f"{text}\n".encode())


async def read_request(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, may_tunnel: bool = False
) -> Request | None:
    """The next request; None when the client closed the connection between two. Raises BadRequest.

    CONNECT is only known where it `may_tunnel`.
    """
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise BadRequest("the connection ended within a request head") from None
        return None
    except asyncio.LimitOverrunError:
        raise BadRequest(f"the request head is over {HEAD_LIMIT} bytes") from None
    lines = head[:-4].decode("latin-1").split("\r\n")
    parts = lines[0].split(" ")
    # A tunnel is asked for by some clients, Python's among them, in HTTP/1.0 and without Host.
    is_connect = may_tunnel and parts[0] == "CONNECT"
    versions = ("HTTP/1.1", "HTTP/1.0") if is_connect else ("HTTP/1.1",)
    if len(parts) != 3 or parts[2] not in versions or not (is_connect or parts[1].startswith("/")):
        raise BadRequest(f"no request line of HTTP/1.1: {lines[0]!r}")
    headers = []
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise BadRequest(f"no header: {line!r}")
        headers.append((name.lower(), value.strip()))
    request = Request(parts[0], parts[1], headers)
    if request.header("host") is None and not is_connect:
        raise BadRequest("no Host header")
    if (request.header("expect") or "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    request.body = await _read_body(request, reader)
    return request


async def _read_body(request: Request, reader: asyncio.StreamReader) -> bytes:
    lengths = {value for name, value in request.headers if name == "content-length"}
    coding = request.header("transfer-encoding")
    if coding is not None and (coding.lower() != "chunked" or lengths):
        raise BadRequest("Transfer-Encoding must be chunked, and stand without Content-Length")
    try:
        if coding is not None:
            return await _read_chunks(reader)
        if not lengths:
            return b""
        if len(lengths) > 1 or not (length := lengths.pop()).isdecimal() or int(length) > BODY_LIMIT:
            raise BadRequest(f"Content-Length must be one number of at most {BODY_LIMIT}")
        return await reader.readexactly(int(length))
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        raise BadRequest("the request body ends before it is whole") from None


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while True:
        line = await reader.readuntil(b"\r\n")
        try:
            size = int(line.split(b";")[0], 16)
        except ValueError:
            raise BadRequest("no chunk size") from None
        if size < 0 or len(body) + size > BODY_LIMIT:
            raise BadRequest(f"the body is over {BODY_LIMIT} bytes")
        if size == 0:
            while await reader.readuntil(b"\r\n") != b"\r\n":
                pass
            return bytes(body)
        body += await reader.readexactly(size)
        if await reader.readexactly(2) != b"\r\n":
            raise BadRequest("a chunk does not end where it said")


def encode_head(status: int, headers: dict[str, str]) -> bytes:
    """The head of a reply, as it goes over the wire."""
    reason = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Unknown"
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


async def write_reply(reply: Reply, writer: asyncio.StreamWriter, request: Request | None) -> None:
    """Sends the reply to a request, or to what was none."""
    headers = {"Date": formatdate(usegmt=True), **reply.headers}
    if reply.status != 204:
        headers["Content-Length"] = str(len(reply.body))
    headers["Connection"] = "keep-alive" if keeps_connection(request) else "close"
    body = b"" if reply.status == 204 or (request is not None and request.method == "HEAD") else reply.body
    writer.write(encode_head(reply.status, headers) + body)
    await writer.drain()


def keeps_connection(request: Request | None) -> bool:
    """Whether the connection goes on after the reply."""
    return request is not None and (request.header("connection") or "").lower() != "close"
