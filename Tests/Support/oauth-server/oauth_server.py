#!/usr/bin/env python3
"""A real authorization server on loopback: django-oauth-toolkit, with login, consent, rotation and reuse protection.

oauth_server.py install             prepares the virtual environment, and nothing else
oauth_server.py start [options]     starts a server in the background and prints a line of JSON about it
oauth_server.py run [options]       the same in the foreground, until standard input ends or SIGTERM comes
oauth_server.py status INFO         prints what it counted; INFO is that JSON, or a file that holds it
oauth_server.py reuse-count INFO    prints how often a spent or revoked refresh token was sent to it
oauth_server.py stop INFO           ends a started server and removes its files
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any, BinaryIO

import environment

HERE = Path(__file__).resolve().parent
CERTIFICATES = HERE.parent / "certificates"
DEFAULT_REDIRECT_URI = "http://127.0.0.1:8790/callback"
#: Seconds.
START_LIMIT, STOP_LIMIT = 60.0, 10.0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="oauth_server.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("install", "start", "run"):
        command = commands.add_parser(name)
        command.add_argument("--venv", type=Path, default=environment.default_location(), help="default: %(default)s")
        if name == "install":
            continue
        command.add_argument("--port", type=int, default=0, help="on 127.0.0.1 (default: a free one)")
        command.add_argument("--https", action="store_true", help="with a certificate of a test CA")
        command.add_argument("--ca-dir", type=Path, help="where that CA is or is to be made (default: a new one)")
        command.add_argument("--lifetime", type=int, default=60, help="seconds of an access token (default: 60)")
        command.add_argument("--grace-period", type=int, default=0, help="seconds a spent refresh token still works")
        command.add_argument("--users", type=int, default=0, metavar="N", help="user-001 … beside alice and bob")
        command.add_argument("--redirect-uri", action="append", help=f"default: {DEFAULT_REDIRECT_URI}")
        command.add_argument("--client-name", default="toolauthd", help="as the consent page calls it")
        command.add_argument("--directory", type=Path, help="for its files (default: a new one, removed by stop)")
    for name in ("status", "reuse-count", "stop"):
        commands.add_parser(name).add_argument("info", metavar="INFO")
    return parser


def _bind(port: int) -> socket.socket:
    """A listening socket that the server inherits, so that its port is known before it starts."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(1024)
    listener.set_inheritable(True)
    return listener


def _passwords(extra_users: int) -> dict[str, str]:
    names = ["alice", "bob", *(f"user-{number:03}" for number in range(1, extra_users + 1))]
    return {name: f"{name}-password" for name in names}


def _describe(arguments: argparse.Namespace, directory: Path, port: int) -> dict[str, Any]:
    base = f"{'https' if arguments.https else 'http'}://localhost:{port}"
    issuer = f"{base}/o"
    return {
        "issuer": issuer,
        "port": port,
        "authorization_endpoint": f"{issuer}/authorize/",
        "token_endpoint": f"{issuer}/token/",
        "revocation_endpoint": f"{issuer}/revoke_token/",
        "introspection_endpoint": f"{issuer}/introspect/",
        "status": f"{base}/status/",
        "ca_file": str((arguments.ca_dir or directory / "ca").resolve() / "ca.crt") if arguments.https else None,
        "client_id": "toolauthd-test",
        "client_secret": secrets.token_urlsafe(24),
        "public_client_id": "toolauthd-public",
        "redirect_uris": arguments.redirect_uri or [DEFAULT_REDIRECT_URI],
        "scopes": ["openid", "read", "write"],
        "users": _passwords(arguments.users),
        "lifetime": arguments.lifetime,
        "directory": str(directory),
    }


def _launch(arguments: argparse.Namespace) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
    """Starts the server and waits until it answers."""
    python = environment.install(arguments.venv)
    own_directory = arguments.directory is None
    directory = arguments.directory or Path(tempfile.mkdtemp(prefix="toolauthd-oauth-"))
    directory = directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    try:
        with _bind(arguments.port) as listener:
            info = _describe(arguments, directory, listener.getsockname()[1])
            info["remove_directory"] = own_directory
            site = {**info, "client_name": arguments.client_name, "grace_period": arguments.grace_period}
            site["secret_key"] = secrets.token_urlsafe(32)
            (directory / "site.json").write_text(json.dumps(site))
            variables = os.environ | {"TOOLAUTHD_TEST_SITE": str(directory), "PYTHONPATH": str(HERE)}
            variables["PYTHONDONTWRITEBYTECODE"] = "1"
            subprocess.run([python, "-m", "testsite.populate"], check=True, env=variables, stdout=sys.stderr)
            process, ready = _serve(python, listener, directory, arguments, variables)
        info["pid"] = process.pid
        with ready:
            _wait_until_it_answers(process, ready.fileno(), directory)
        (directory / "info.json").write_text(json.dumps(info))
        return process, info
    except BaseException:
        if own_directory:
            shutil.rmtree(directory, ignore_errors=True)
        raise


def _serve(
    python: Path, listener: socket.socket, directory: Path, arguments: argparse.Namespace, variables: dict[str, str]
) -> tuple[subprocess.Popen[bytes], BinaryIO]:
    """The server, and the end of a pipe at which it says that it answers."""
    command = [str(python), "-m", "gunicorn", "--bind", f"fd://{listener.fileno()}", "--workers", "2"]
    command += ["--threads", "8", "--name", str(directory), "--chdir", str(directory), "--no-control-socket"]
    command += ["--access-logfile", str(directory / "access.log"), "--error-logfile", str(directory / "error.log")]
    if arguments.https:
        ca_dir = arguments.ca_dir or directory / "ca"
        subprocess.run([CERTIFICATES / "make-certificate.sh", ca_dir, directory], check=True, stdout=sys.stderr)
        command += ["--certfile", str(directory / "server.crt"), "--keyfile", str(directory / "server.key")]
    reading, writing = os.pipe()
    ready = open(reading, "rb", buffering=0)
    with open(directory / "output.log", "wb") as output, open(writing, "wb", buffering=0):
        process = subprocess.Popen(
            [*command, "testsite.wsgi:application"],
            env=variables | {"TOOLAUTHD_TEST_READY": str(writing)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=[listener.fileno(), writing],
            start_new_session=True,
        )
    return process, ready


def _wait_until_it_answers(process: subprocess.Popen[bytes], ready: int, directory: Path) -> None:
    """Waits for the line that the first worker writes; the pipe has its end instead where all have ended."""
    readable, _, _ = select.select([ready], [], [], START_LIMIT)
    if readable and os.read(ready, 1):
        return
    process.kill()
    logs = [directory / "output.log", directory / "error.log"]
    said = "".join(log.read_text() for log in logs if log.exists())
    raise SystemExit(f"oauth_server: it did not start:\n{said}")


def _read_info(text: str) -> dict[str, Any]:
    """The information about a server: a file that holds it, or the JSON itself."""
    info: dict[str, Any] = json.loads(text if text.lstrip().startswith("{") else Path(text).read_text())
    return info


def _status(info: dict[str, Any]) -> dict[str, Any]:
    sys.path.insert(0, str(HERE))
    from testsite.events import summary

    return summary(Path(info["directory"]))


def _stop(info: dict[str, Any]) -> None:
    """Ends the server, if the process of that pid still is one of this directory."""
    directory, pid = Path(info["directory"]), int(info["pid"])
    with contextlib.suppress(ProcessLookupError):
        # Opened before it is looked at, so that it is the same process to the end.
        with open(os.pidfd_open(pid), "rb", buffering=0) as process:
            if _is_ours(pid, directory):
                signal.pidfd_send_signal(process.fileno(), signal.SIGTERM)
                ended, _, _ = select.select([process], [], [], STOP_LIMIT)
                if not ended:
                    os.killpg(pid, signal.SIGKILL)
    if info.get("remove_directory"):
        shutil.rmtree(directory, ignore_errors=True)


def _is_ours(pid: int, directory: Path) -> bool:
    try:
        return str(directory).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _run_in_foreground(arguments: argparse.Namespace) -> int:
    process, info = _launch(arguments)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    def wait_for_input() -> None:
        while os.read(0, 4096):
            pass
        stop.set()

    threading.Thread(target=wait_for_input, daemon=True).start()
    print(json.dumps(info), flush=True)
    while not stop.wait(0.2) and process.poll() is None:
        pass
    process.terminate()
    code = process.wait(30)
    _stop(info)
    return 0 if stop.is_set() else code or 1


def main() -> int:
    """Does what the command line says."""
    arguments = _arguments().parse_args()
    match arguments.command:
        case "install":
            print(environment.install(arguments.venv))
        case "start":
            print(json.dumps(_launch(arguments)[1]))
        case "run":
            return _run_in_foreground(arguments)
        case "status":
            print(json.dumps(_status(_read_info(arguments.info))))
        case "reuse-count":
            print(_status(_read_info(arguments.info))["reuse"])
        case "stop":
            _stop(_read_info(arguments.info))
    return 0


if __name__ == "__main__":
    sys.exit(main())
