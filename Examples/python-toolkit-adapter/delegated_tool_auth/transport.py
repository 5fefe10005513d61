"""HTTP over a Unix socket: one request, one connection, one answer."""

from __future__ import annotations

import errno
import http.client
import json
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from .errors import DaemonUnavailableError, ProtocolError, problem

#: The daemon's answers are a few kilobytes.
_MOST_BYTES = 1 << 20


@dataclass(frozen=True)
class Request:
    """What is asked."""

    method: str
    #: Path and query, encoded.
    target: str
    #: Sent as JSON; None: no body.
    body: dict[str, Any] | None = None
    #: The generation for If-Match; None: no such header.
    generation: int | None = None


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def exchange(path: str, request: Request, timeout: float) -> dict[str, Any]:
    """
    Sends a request to the socket at `path` and returns the object that is the answer; empty where it has no body.

    `timeout`: the longest silence, in seconds. Raises `ProblemError` for a refusal, `DaemonUnavailableError` and
    `ProtocolError`, and nothing else. A connection of its own for each request needs no lock between threads, and
    none breaks when a socket-activated daemon is restarted.
    """
    connection = _Connection(path, timeout)
    try:
        _send(connection, request)
        reply = connection.getresponse()
        status, media_type, text = reply.status, reply.headers.get_content_type(), reply.read(_MOST_BYTES + 1)
    # No cause is kept: an answer cut off may have half a token in it.
    except TimeoutError:
        raise DaemonUnavailableError(f"toolauthd at {path} did not answer within {timeout:g} s") from None
    except OSError as error:
        raise DaemonUnavailableError(_sentence(path, error)) from None
    except http.client.HTTPException:
        raise ProtocolError(f"what answers at {path} does not speak HTTP as toolauthd does") from None
    finally:
        connection.close()
    if len(text) > _MOST_BYTES:
        raise ProtocolError(f"the answer at {path} is longer than any of toolauthd's")
    return _object(path, status, media_type, text)


def _send(connection: _Connection, request: Request) -> None:
    headers = {} if request.generation is None else {"If-Match": f'"{request.generation}"'}
    data = None
    if request.body is not None:
        headers["Content-Type"] = "application/json"
        data = json.dumps(request.body).encode()
    # Where it is refused before all of it was read, the answer is there.
    with suppress(BrokenPipeError, ConnectionResetError):
        connection.request(request.method, request.target, data, headers)


def _object(path: str, status: int, media_type: str, text: bytes) -> dict[str, Any]:
    if status == 204:
        return {}
    wanted = "application/json" if 200 <= status < 300 else "application/problem+json"
    try:
        value = json.loads(text)
        if media_type != wanted or not isinstance(value, dict):
            raise ValueError
        refusal = None if 200 <= status < 300 else problem(value)
    except (KeyError, TypeError, ValueError):
        # The parser's own error has all of the text with it.
        raise ProtocolError(f"what answers at {path} (status {status}) is not the JSON of toolauthd") from None
    if refusal is not None:
        raise refusal
    return value


def _sentence(path: str, error: OSError) -> str:
    match error.errno:
        case errno.ENOENT | errno.ENOTDIR:
            return f"toolauthd is not running at {path} (no such socket)"
        case errno.ECONNREFUSED:
            return f"toolauthd is not running at {path} (connection refused)"
        case errno.EACCES | errno.EPERM:
            return f"no permission to speak to toolauthd at {path}; whoever is in the socket's group may"
    if isinstance(error, ConnectionError):
        return f"toolauthd at {path} closed the connection without an answer"
    return f"cannot speak to toolauthd at {path} ({error.strerror or error})"
