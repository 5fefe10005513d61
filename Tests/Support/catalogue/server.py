"""Listens on loopback: a proxy that answers CONNECT as the host asked for, and the control API beside it."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable

from serving.http1 import (
    HEAD_LIMIT,
    BadRequest,
    Reply,
    Request,
    keeps_connection,
    read_request,
    text_reply,
    write_reply,
)

#: Answers one request.
Handler = Callable[[Request], Reply]
#: The handler of a host and port; None where nobody is at home.
Hosts = Callable[[str, int], Handler | None]


class Server:
    """One port, at which a CONNECT begins a tunnel that ends here, and any other request is for `control`."""

    def __init__(self, hosts: Hosts, control: Handler, tls: ssl.SSLContext) -> None:
        self.port = 0
        self._hosts = hosts
        self._control = control
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def listen(self, port: int = 0) -> int:
        """Begins to listen; the port is the one given, or a free one for 0."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port, limit=HEAD_LIMIT, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]
        return self.port

    async def stop(self) -> None:
        """Refuses new connections from now on, and closes those there are."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        # Of TCP, whatever TLS is put on it.
        transport = writer.transport
        try:
            await self._converse(reader, writer, self._control, may_tunnel=True)
            writer.close()
            await asyncio.wait_for(writer.wait_closed(), 2)
        except (OSError, TimeoutError, asyncio.CancelledError):
            pass  # The client left, or the server was told to stop: either way there is nobody to tell.
        finally:
            self._tasks.discard(task)
            transport.abort()

    async def _converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handler: Handler, may_tunnel: bool
    ) -> None:
        goes_on = True
        while goes_on:
            request: Request | None = None
            try:
                request = await read_request(reader, writer, may_tunnel)
                if request is None:
                    return
                if may_tunnel and request.method == "CONNECT":
                    await self._tunnel(request, reader, writer)
                    return
                reply = handler(request)
            except BadRequest as error:
                reply = text_reply(str(error), 400)
            await write_reply(reply, writer, request)
            goes_on = keeps_connection(request)

    async def _tunnel(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, colon, port = request.target.rpartition(":")
        if not colon or not host or not port.isdecimal():
            await write_reply(text_reply(f"CONNECT wants HOST:PORT, not {request.target!r}", 400), writer, None)
            return
        handler = self._hosts(host.lower(), int(port))
        if handler is None:
            await write_reply(text_reply(f"no habit file has {request.target}", 403), writer, None)
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        # Nothing runs between the reply and this, so no byte of the client's greeting is read as plain text.
        with contextlib.suppress(ssl.SSLError):
            await writer.start_tls(self._tls)
            await self._converse(reader, writer, handler, may_tunnel=False)
