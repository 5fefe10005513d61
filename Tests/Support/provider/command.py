"""The command line: starts the provider, says where it is, and ends it with whoever started it."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import ssl
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from provider.behaviours import BEHAVIOURS
from provider.clients import Client
from provider.control import Control
from provider.failures import FailureError, FailureRule
from provider.server import HTTPServer, Reply
from provider.service import Provider
from provider.switches import SwitchError, parse_assignment
from serving.http1 import Request
from serving.lifetime import announce

DEFAULT_REDIRECT_URI = "http://127.0.0.1:8790/callback"
PUBLIC_CLIENT_ID = "public-client"
_CERTIFICATES = Path(__file__).resolve().parent.parent / "certificates"


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="provider", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: a free one)")
    parser.add_argument("--behaviour", choices=sorted(BEHAVIOURS), default="generic", help="whose habits it has")
    parser.add_argument("--set", action="append", default=[], metavar="SWITCH=VALUE", help="sets a switch")
    parser.add_argument("--fail", action="append", default=[], metavar="JSON", help="adds a failure rule")
    parser.add_argument("--client-id", default="test-client")
    parser.add_argument("--client-secret", action="append", help="may be given several times (default: a random one)")
    parser.add_argument("--redirect-uri", action="append", help=f"registered (default: {DEFAULT_REDIRECT_URI})")
    parser.add_argument("--http", action="store_true", help="plain HTTP instead of HTTPS")
    parser.add_argument("--ca-dir", type=Path, help="where the test CA is or is to be made (default: a temporary one)")
    parser.add_argument(
        "--certificate", choices=["trusted", "expired", "wrong_host", "untrusted"], default="trusted", help="for HTTPS"
    )
    parser.add_argument("--keep-running", action="store_true", help="do not end with standard input or the parent")
    return parser


def _make_certificate(ca_dir: Path, out: Path, kind: str) -> ssl.SSLContext:
    subprocess.run([_CERTIFICATES / "make-certificate.sh", ca_dir, out, kind], check=True, stdout=sys.stderr)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(out / "server.crt", out / "server.key")
    context.set_alpn_protocols(["http/1.1"])
    return context


async def _run(arguments: argparse.Namespace, tls: ssl.SSLContext | None, ca_file: Path | None, parent: int) -> None:
    client_secrets = arguments.client_secret or [secrets.token_urlsafe(24)]
    redirect_uris = arguments.redirect_uri or [DEFAULT_REDIRECT_URI]
    settings = dict(parse_assignment(text) for text in arguments.set)
    rules = [FailureRule.parse(json.loads(text)) for text in arguments.fail]
    control_token = secrets.token_urlsafe(24)
    prefix = f"/control/{control_token}"

    async def answer(request: Request) -> Reply:
        if request.path == prefix or request.path.startswith(f"{prefix}/"):
            return await control.handle(request.path[len(prefix) :].strip("/"), request)
        return await provider.handle(request)

    async def answer_control(request: Request) -> Reply:
        if request.path == prefix or request.path.startswith(f"{prefix}/"):
            return await answer(request)
        return Reply(404)

    server = HTTPServer(answer, tls)
    control_server = HTTPServer(answer_control)
    port = await server.listen(arguments.port)
    control_port = await control_server.listen()
    scheme = "http" if tls is None else "https"
    issuer = f"{scheme}://127.0.0.1:{port}"
    clients = [Client(arguments.client_id, client_secrets, redirect_uris), Client(PUBLIC_CLIENT_ID, [], redirect_uris)]
    provider = Provider(issuer, BEHAVIOURS[arguments.behaviour], settings, clients)
    provider.failures.rules.extend(rules)
    info: dict[str, Any] = {
        "issuer": issuer,
        "port": port,
        **{name: provider.urls.get(name) for name in ("authorization_endpoint", "token_endpoint")},
        **{name: provider.urls.get(name) for name in ("revocation_endpoint", "introspection_endpoint")},
        "api": f"{issuer}/api/whoami",
        "control": f"http://127.0.0.1:{control_port}{prefix}",
        "control_on_same_port": f"{issuer}{prefix}",
        "ca_file": str(ca_file) if ca_file is not None else None,
        "behaviour": arguments.behaviour,
        "client_id": arguments.client_id,
        "client_secret": client_secrets[0],
        "public_client_id": PUBLIC_CLIENT_ID,
        "redirect_uris": redirect_uris,
        "pid": os.getpid(),
    }
    control = Control(provider, server, info)
    control.apply()

    await announce(info, parent, arguments.keep_running)
    await server.stop_listening()
    await control_server.stop_listening()


def main() -> int:
    """Runs until SIGTERM, SIGINT, the end of standard input or that of the parent."""
    parent = os.getppid()
    arguments = _arguments().parse_args()
    with ExitStack() as stack:
        tls, ca_file = None, None
        try:
            if not arguments.http:
                own = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="provider-")))
                ca_dir = (arguments.ca_dir or own / "ca").resolve()
                tls = _make_certificate(ca_dir, own, arguments.certificate)
                ca_file = ca_dir / "ca.crt"
            asyncio.run(_run(arguments, tls, ca_file, parent))
        except (SwitchError, FailureError, OSError, subprocess.CalledProcessError, json.JSONDecodeError) as error:
            print(f"provider: {error}", file=sys.stderr)
            return 1
    return 0
