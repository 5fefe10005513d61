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
from dataclasses import dataclass
from email.utils import formatdate
from time import time

from serving import http1

WRITE_SIZE = 64 * 1024


class Ending(enum.Enum):
    """How a reply ends, and with it perhaps the connection."""

    KEEP = "the connection goes on"
    CLOSE = "the connection is closed after the reply"
    HALF = "half of the body, then the connection is closed"
    NOTHING = "the connection is closed without a byte"
    RESET = "the connection is reset without a byte"
    SILENCE = "nothing is said until the client goes away"


@dataclass(slots=True)
class Reply(http1.Reply):
    """One reply. Content-Length or Transfer-Encoding, Date and Connection are added when it is sent."""

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


Handler = Callable[[http1.Request], Awaitable[Reply]]


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
            self._accept, "127.0.0.1", port, ssl=self._tls, limit=http1.HEAD_LIMIT, backlog=1024
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
                request = await http1.read_request(reader, writer)
            except http1.BadRequest as error:
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
        headers = {"Date": formatdate(time() + self.date_skew, usegmt=True), **reply.headers}
        if reply.chunked:
            headers["Transfer-Encoding"] = "chunked"
        else:
            headers["Content-Length"] = str(len(reply.body))
        headers["Connection"] = "keep-alive" if reply.ending is Ending.KEEP else "close"
        head = http1.encode_head(reply.status, headers)
        body = reply.body if with_body else b""
        if reply.ending is Ending.HALF:
            body = body[: len(body) // 2]
        if len(body) <= WRITE_SIZE and not reply.chunked:
            writer.write(head + body)
            await writer.drain()
            return
        writer.write(head)
        for start in range(0, len(body), WRITE_SIZE):
            piece = body[start : start + WRITE_SIZE]
            writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" if reply.chunked else piece)
            await writer.drain()
        if reply.chunked and reply.ending is not Ending.HALF:
            writer.write(b"0\r\n\r\n")
            await writer.drain()


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
