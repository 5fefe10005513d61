"""Token endpoints on loopback: nginx with Lua (nginx/token.lua), fast enough not to be what is measured."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from support.web_server import WebServer

_LUA = Path(__file__).resolve().parent / "nginx"


@dataclass(frozen=True)
class Provider:
    """How one provider answers. Its tool has the same name."""

    name: str
    #: Seconds before it answers.
    latency: float = 0
    status: int = 200
    retry_after: int | None = None
    expires_in: int = 86_400
    #: Whether each refresh token works once.
    rotates: bool = False
    #: Whether a connection serves more than one request.
    keeps_connections: bool = True


@dataclass(frozen=True)
class Refresh:
    """A token request as the endpoint saw it."""

    #: Milliseconds since 1970.
    arrived: float
    refresh_token: str

    @property
    def user(self) -> str:
        """Whose it was."""
        return self.refresh_token.rpartition("~")[0]


class TokenEndpoints:
    """A running nginx, with a port for each provider."""

    def __init__(self, directory: Path, providers: Sequence[Provider], tls: bool = False) -> None:
        """Starts it in `directory`, which must not exist."""
        self._directory = directory
        self._ports = {provider.name: free_port() for provider in providers}
        self._scheme = "https" if tls else "http"
        directory.mkdir()
        self.ca_file = self._make_certificate() if tls else None
        addresses = [("127.0.0.1", port) for port in self._ports.values()]
        self._server = WebServer(directory, addresses, self._configuration(providers))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.kill()

    def url(self, name: str) -> str:
        """Of the token endpoint of a provider."""
        return f"{self._scheme}://127.0.0.1:{self._ports[name]}/token"

    def issuer(self, name: str) -> str:
        """Of a provider, whose metadata (OpenID Connect Discovery) is where it should be."""
        return f"{self._scheme}://127.0.0.1:{self._ports[name]}"

    def refreshes(self, name: str, since: int = 0) -> list[Refresh]:
        """What arrived at a provider and was answered, in the order of arrival, from a `mark` on."""
        with self._log(name).open("rb") as log:
            log.seek(since)
            lines = log.read().decode().splitlines()
        fields = [line.split(" ") for line in lines]
        return sorted((Refresh(float(line[0]), line[1]) for line in fields), key=lambda refresh: refresh.arrived)

    def count(self, name: str, since: int = 0, until: int | None = None) -> int:
        """How many requests a provider has answered, from a `mark` on, until another."""
        with self._log(name).open("rb") as log:
            log.seek(since)
            return log.read(-1 if until is None else until - since).count(b"\n")

    def mark(self, name: str) -> int:
        """Where what is yet to arrive will begin."""
        return self._log(name).stat().st_size

    def _log(self, name: str) -> Path:
        return self._directory / f"{name}.log"

    def _make_certificate(self) -> Path:
        certificate, key = self._directory / "certificate.pem", self._directory / "key.pem"
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        command += ["-days", "2", "-subj", "/CN=benchmark", "-addext", "subjectAltName=IP:127.0.0.1"]
        subprocess.run([*command, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
        return certificate

    def _configuration(self, providers: Sequence[Provider]) -> str:
        servers = "".join(self._block(provider) for provider in providers)
        return f"""    lua_package_path "{_LUA}/?.lua;;";
    log_format refresh "$arrived $refresh_token $status";
    client_body_buffer_size 64k;
{servers}"""

    def _metadata(self, name: str) -> str:
        return json.dumps({
            "issuer": self.issuer(name),
            "authorization_endpoint": f"{self.issuer(name)}/authorize",
            "token_endpoint": self.url(name),
            "scopes_supported": ["openid", "profile", "offline_access"],
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
        })

    def _block(self, provider: Provider) -> str:
        tls = ""
        if self.ca_file is not None:
            tls = f"ssl_certificate {self.ca_file}; ssl_certificate_key {self._directory}/key.pem;"
            tls += " ssl_protocols TLSv1.2 TLSv1.3;"
        return f"""
    server {{
        listen 127.0.0.1:{self._ports[provider.name]}{" ssl" if self.ca_file else ""} backlog=4096;
        {tls}
        keepalive_timeout {75 if provider.keeps_connections else 0};
        access_log off;
        location = /.well-known/openid-configuration {{
            default_type application/json;
            return 200 '{self._metadata(provider.name)}';
        }}
        location = /token {{
            set $arrived "";
            set $refresh_token "";
            set $latency {provider.latency:g};
            set $answer_status {provider.status};
            set $retry_after "{"" if provider.retry_after is None else provider.retry_after}";
            set $expires_in {provider.expires_in};
            set $rotates {int(provider.rotates)};
            access_log {self._log(provider.name)} refresh;
            content_by_lua_block {{ require("token").answer() }}
        }}
    }}
"""


def free_port() -> int:
    """A port of loopback that nobody has, a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
