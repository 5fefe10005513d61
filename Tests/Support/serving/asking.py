"""What the servers' own tests start and ask them with."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote_plus


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @classmethod
    def of(cls, reply: http.client.HTTPResponse) -> Answer:
        """The reply, read to its end."""
        return cls(reply.status, reply.headers, reply.read())

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        """The body as a form."""
        return dict(parse_qsl(self.body.decode(), strict_parsing=True))


def start(package: Path, *arguments: str) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
    """Starts a server, and returns it with what it printed when it listened."""
    command = [sys.executable, str(package), *arguments]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


def stop(process: subprocess.Popen[bytes]) -> int:
    """Closes the server's standard input, by which it is to end; its exit status."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.close()
    process.stdout.close()
    return process.wait(10)


def basic(client_id: str, secret: str) -> dict[str, str]:
    """HTTP Basic as RFC 6749 section 2.3.1 has it."""
    return raw_basic(f"{quote_plus(client_id)}:{quote_plus(secret)}")


def raw_basic(credentials: str) -> dict[str, str]:
    """HTTP Basic of exactly that."""
    return {"Authorization": f"Basic {base64.b64encode(credentials.encode()).decode()}"}


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636 section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
