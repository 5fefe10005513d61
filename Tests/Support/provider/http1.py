"""HTTP/1.1 over asyncio streams: just enough of a server to be strict, fast, and rude on request."""

from __future__ import annotations

import asyncio
import contextlib
import enum
import itertools
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from time import time

HEAD_LIMIT = 64 * 1024
BODY_LIMIT = 4 * 1024 * 1024
WRITE_SIZE = 64 * 1024


class Ending(enum.Enum):
    """How a reply ends, and with it perhaps the connection."""

    KEEP = "the connection goes on"
    CLOSE = "the connection is closed after the reply"
    HALF = "half of the body, then the connection is closed"
    NOTHING = "the connection is closed without a byte"
    RESET = "the connection is reset without a byte"
    SILENCE = "nothing is said until the client goes away"


class BadRequest(Exception):
    """The bytes received are no HTTP request."""


@dataclass(slots=True)
class Request:
    """One request, whole. Header names are in lower case, in the order received."""

    method: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    body: bytes = b""
    #: Counts connections of this server from 1.
    connection: int = 0
    #: Counts requests of this connection from 1.
    number: int = 0

    def header(self, name: str) -> str | None:
        """The first header of that name."""
        return next((value for key, value in self.headers if key == name.lower()), None)


@dataclass(slots=True)
class Reply:
    """One reply. Content-Length, Date and Connection are added when it is sent."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    chunked: bool = False
    ending: Ending = Ending.KEEP


@dataclass(slots=True)
class Connections:
    """What the server counts about its connections."""

    accepted: int = 0
    open: int = 0
    maximum: int = 0

    def reset(self) -> None:
        """Counts anew from the connections there are."""
        self.accepted, self.maximum = 0, self.open


Handler = Callable[[Request], Awaitable[Reply]]


class HTTPServer:
    """Listens on loopback and hands every request to one handler."""

    def __init__(self, handler: Handler, tls: ssl.SSLContext | None = None) -> None:
        self.connections = Connections()
        #: Seconds by which the Date header is wrong.
        self.date_skew = 0.0
        #: After so many requests a connection is closed; 0: never.
        self.requests_per_connection = 0
        self.port = 0
        self._handler = handler
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._numbers = itertools.count(1)

    async def listen(self, port: int = 0) -> int:
        """Begins to listen, unless it does; the port is the one given, or a free one for 0."""
        if self._server is not None:
            return self.port
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", port, ssl=self._tls, limit=HEAD_LIMIT, backlog=1024
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self.port

    async def stop_listening(self) -> None:
        """Refuses new connections from now on, and closes those there are."""
        if self._server is not None:
            self._server.close()
            self._server = None
        await self.close_connections()

    async def close_connections(self) -> None:
        """Closes every connection, whatever it was doing, except the one that asks."""
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections.accepted += 1
        self.connections.open += 1
        self.connections.maximum = max(self.connections.maximum, self.connections.open)
        try:
            await self._converse(next(self._numbers), reader, writer)
        except (ConnectionError, ssl.SSLError, asyncio.CancelledError):
            pass  # The client left, or the server was told to close: either way there is nobody to tell.
        finally:
            self.connections.open -= 1
            self._tasks.discard(task)
            writer.transport.abort()

    async def _converse(self, connection: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in itertools.count(1):
            try:
                request = await _read_request(reader, writer)
            except BadRequest as error:
                body = f"{error}\n".encode()
                await self._send(Reply(400, {"Content-Type": "text/plain"}, body, ending=Ending.CLOSE), writer)
                await _close(writer)
                return
            if request is None:
                return
            request.connection, request.number = connection, number
            reply = await self._handler(request)
            asked_to_close = (request.header("connection") or "").lower() == "close"
            if reply.ending is Ending.KEEP and (asked_to_close or number == self.requests_per_connection):
                reply.ending = Ending.CLOSE
            if reply.ending is Ending.SILENCE:
                await _until_gone(reader)
                return
            if reply.ending is Ending.RESET:
                _reset(writer)
                return
            if reply.ending is Ending.NOTHING:
                return
            await self._send(reply, writer, with_body=request.method != "HEAD")
            if reply.ending is not Ending.KEEP:
                await _close(writer)
                return

    async def _send(self, reply: Reply, writer: asyncio.StreamWriter, with_body: bool = True) -> None:
        reason = HTTPStatus(reply.status).phrase if reply.status in HTTPStatus._value2member_map_ else "Unknown"
        headers = {"Date": formatdate(time() + self.date_skew, usegmt=True), **reply.headers}
        if reply.chunked:
            headers["Transfer-Encoding"] = "chunked"
        else:
            headers["Content-Length"] = str(len(reply.body))
        headers["Connection"] = "keep-alive" if reply.ending is Ending.KEEP else "close"
        head = f"HTTP/1.1 {reply.status} {reason}\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items()) + "\r\n"
        body = reply.body if with_body else b""
        if reply.ending is Ending.HALF:
            body = body[: len(body) // 2]
        if len(body) <= WRITE_SIZE and not reply.chunked:
            writer.write(head.encode("latin-1") + body)
            await writer.drain()
            return
        writer.write(head.encode("latin-1"))
        for start in range(0, len(body), WRITE_SIZE):
            piece = body[start : start + WRITE_SIZE]
            writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" if reply.chunked else piece)
            await writer.drain()
        if reply.chunked and reply.ending is not Ending.HALF:
            writer.write(b"0\r\n\r\n")
            await writer.drain()


async def _read_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Request | None:
    """The next request; None when the client closed the connection between two."""
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
    if len(parts) != 3 or parts[2] != "HTTP/1.1" or not parts[1].startswith("/"):
        raise BadRequest(f"no request line of HTTP/1.1: {lines[0]!r}")
    headers = []
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise BadRequest(f"no header: {line!r}")
        headers.append((name.lower(), value.strip()))
    path, _, query = parts[1].partition("?")
    request = Request(parts[0], path, query, headers)
    if request.header("host") is None:
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


async def _close(writer: asyncio.StreamWriter) -> None:
    """Ends the connection politely, so that what was written arrives; a client that stays is not waited for long."""
    writer.close()
    with contextlib.suppress(TimeoutError, ConnectionError, ssl.SSLError):
        await asyncio.wait_for(writer.wait_closed(), 2)


async def _until_gone(reader: asyncio.StreamReader) -> None:
    while await reader.read(WRITE_SIZE):
        pass


def _reset(writer: asyncio.StreamWriter) -> None:
    raw = writer.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
