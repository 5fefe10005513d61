#!/usr/bin/env python3
"""The demonstration: a user connects a tool at a real authorization server, and his token stays fresh before your eyes.

demo.py BIN_DIR

Everything happens on loopback and in a temporary directory, and is gone afterwards.
"""

from __future__ import annotations

import hashlib
import http.client
import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OAUTH_SERVER = ROOT / "Tests/Support/oauth-server"
INTERACTIVE = os.environ.get("DEMO_INTERACTIVE", "") not in ("", "0")
WATCH_SECONDS = int(os.environ.get("DEMO_SECONDS", "32"))
TOKEN_LIFETIME = 20
TERMINAL = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
COLOUR = TERMINAL and "NO_COLOR" not in os.environ


def styled(code: str, text: str) -> str:
    """The text in an ANSI style, where there are colours."""
    return f"\033[{code}m{text}\033[0m" if COLOUR else text


def bold(text: str) -> str:
    return styled("1", text)


def dim(text: str) -> str:
    return styled("2", text)


def green(text: str) -> str:
    return styled("32", text)


def cyan(text: str) -> str:
    return styled("36", text)


def say(text: str = "") -> None:
    print(text, flush=True)


def heading(number: int, text: str) -> None:
    say(f"\n{green(f' {number} ')} {bold(text)}")


def done(text: str) -> None:
    say(f"    {green('✓')} {text}")


def command(text: str) -> None:
    say(f"    {dim('$')} {cyan(text)}")


class UnixConnection(http.client.HTTPConnection):
    """HTTP over the daemon's socket: all an application needs, in seven lines."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self.path)


class CallbackListener:
    """The application's redirect URI: remembers the URL the browser was sent to."""

    def __init__(self) -> None:
        self.url: str | None = None
        self.arrived = threading.Event()
        listener = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # the name is http.server's
                if self.path.startswith("/callback?"):
                    listener.url = f"http://127.0.0.1:{listener.port}{self.path}"
                    listener.arrived.set()
                body = b"<!doctype html><title>toolauthd</title><p>You can close this page and look at the terminal again."
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Silence: the callback URL has the code in it."""

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def redirect_uri(self) -> str:
        return f"http://127.0.0.1:{self.port}/callback"


class Demo:
    """One run, from the first process to the last."""

    def __init__(self, programs: Path) -> None:
        self.toolauthd = programs / "toolauthd"
        self.toolauthctl = programs / "toolauthctl"
        self.directory = Path(tempfile.mkdtemp(prefix="toolauthd-demo-"))
        self.socket = self.directory / "api.sock"
        self.server: dict[str, Any] | None = None
        self.daemon: subprocess.Popen[bytes] | None = None
        self.listener = CallbackListener()

    # -- Processes

    def start_server(self) -> dict[str, Any]:
        start = [sys.executable, str(OAUTH_SERVER / "oauth_server.py"), "start"]
        start += ["--lifetime", str(TOKEN_LIFETIME), "--redirect-uri", self.listener.redirect_uri]
        self.server = json.loads(subprocess.run(start, check=True, stdout=subprocess.PIPE).stdout)
        return self.server

    def start_daemon(self, server: dict[str, Any]) -> None:
        config = self.directory / "config"
        (config / "tools.d").mkdir(parents=True)
        secret = config / "client-secret"
        secret.touch(mode=0o600)
        secret.write_text(server["client_secret"])
        (config / "tools.d" / "demo.yaml").write_text(self.tool_document(server))
        (config / "toolauthd.yaml").write_text("log: {level: debug}\n")
        with open(self.directory / "log", "wb") as log:
            arguments = ["--config", str(config), "--state-dir", str(self.directory / "state")]
            self.daemon = subprocess.Popen(
                [str(self.toolauthd), *arguments, "--socket", str(self.socket)], stderr=log, stdin=subprocess.DEVNULL
            )
        deadline = time.monotonic() + 20
        while not self.is_ready():
            if self.daemon.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("toolauthd did not start:\n" + (self.directory / "log").read_text())
            time.sleep(0.02)

    def is_ready(self) -> bool:
        try:
            return self.get("/healthz")[0] == 200
        except OSError:
            return False

    @staticmethod
    def tool_document(server: dict[str, Any]) -> str:
        return f"""demo:
  title: Demonstration
  client_id: {server["client_id"]}
  client_secret: {{file: client-secret}}
  scopes: [read]
  redirect_uris: ["{server["redirect_uris"][0]}"]
  allow_http_loopback: true
  provider:
    authorization: {{endpoint: "{server["authorization_endpoint"]}"}}
    token: {{endpoint: "{server["token_endpoint"]}", client_authentication: client_secret_basic}}
    refresh: {{rotation: single_use}}
    revocation: {{endpoint: "{server["revocation_endpoint"]}"}}
"""

    def stop(self) -> None:
        if self.daemon and self.daemon.poll() is None:
            self.daemon.terminate()
            try:
                self.daemon.wait(40)
            except subprocess.TimeoutExpired:
                self.daemon.kill()
        if self.server:
            stop = [sys.executable, str(OAUTH_SERVER / "oauth_server.py"), "stop", json.dumps(self.server)]
            subprocess.run(stop, check=False, stdout=subprocess.DEVNULL)
        shutil.rmtree(self.directory, ignore_errors=True)

    # -- The socket

    def get(self, path: str) -> tuple[int, dict[str, Any]]:
        connection = UnixConnection(str(self.socket))
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def ctl(self, *arguments: str, stdin: str | None = None) -> str:
        run = [str(self.toolauthctl), *arguments, "--socket", str(self.socket)]
        result = subprocess.run(run, check=False, capture_output=True, text=True, input=stdin)
        if result.returncode != 0:
            raise RuntimeError(f"toolauthctl {arguments[0]} failed: {result.stderr.strip()}")
        return result.stdout.strip()

    # -- The story

    def run(self) -> None:
        say(bold("\ntoolauthd: access tokens that are always fresh"))
        heading(1, "A real authorization server (django-oauth-toolkit)")
        server = self.start_server()
        done(f"{server['issuer']}: tokens live {TOKEN_LIFETIME} s, every refresh token works once")

        heading(2, "The daemon, with its embedded store")
        self.start_daemon(server)
        done(f"listening at {self.socket}")
        done("the tool “demo” is one file in tools.d; applications never see its client secret")

        heading(3, "alice connects the tool")
        command("toolauthctl authorize demo alice")
        url = self.ctl("authorize", "demo", "alice").splitlines()[-1]
        say(f"    {dim(url[:96] + '…')}")
        command("toolauthctl callback URL")
        callback = self.consent(server, url)
        self.ctl("callback", "-", stdin=callback)
        done("the code is exchanged, and the tokens are stored sealed (AES-256-GCM)")

        heading(4, f"Watch it for {WATCH_SECONDS} s: nobody asks for a refresh, and it never expires")
        say(f"    Meanwhile, in another terminal (it serves until the {WATCH_SECONDS} s are over):")
        command(f"curl --unix-socket {self.socket} http://localhost/v1/tools/demo/users/alice/token")
        command(f"{self.toolauthctl} token demo alice --socket {self.socket}")
        say()
        refreshes = self.watch()

        heading(5, "How it stands")
        command("toolauthctl status")
        say("\n" + "\n".join("    " + line for line in self.ctl("status").splitlines()))
        reuse = [sys.executable, str(OAUTH_SERVER / "oauth_server.py"), "reuse-count", json.dumps(server)]
        reused = subprocess.run(reuse, check=True, capture_output=True, text=True).stdout.strip()
        say()
        times = "once" if refreshes == 1 else f"{refreshes} times"
        done(f"refreshed {times}, always ahead of expiry; refresh tokens used twice, as the server counted: {reused}")

    def consent(self, server: dict[str, Any], url: str) -> str:
        if not INTERACTIVE:
            approve = [sys.executable, str(OAUTH_SERVER / "approve.py"), json.dumps(server), url]
            callback = subprocess.run(approve, check=True, capture_output=True, text=True).stdout.strip()
            done("alice logged in and consented (by itself; DEMO_INTERACTIVE=1 leaves it to you)")
            return callback
        say(f"\n    Open this, and log in as {bold('alice')} with the password {bold(server['users']['alice'])}:\n\n{url}\n")
        if shutil.which("xdg-open") and (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            subprocess.Popen(["xdg-open", url], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if not self.listener.arrived.wait(600) or self.listener.url is None:
            raise RuntimeError("nobody consented within ten minutes")
        done("you consented")
        return self.listener.url

    def watch(self) -> int:
        deadline = time.monotonic() + WATCH_SECONDS
        generation, refreshes, left_before = None, 0, 0.0
        while time.monotonic() < deadline:
            status, token = self.get("/v1/tools/demo/users/alice/token?min_validity=0")
            if status != 200:
                raise RuntimeError(f"no token: {token.get('detail')}")
            left = float(token["expires_in"])
            mark = hashlib.sha256(token["access_token"].encode()).hexdigest()[:8]
            if generation is not None and token["generation"] != generation:
                refreshes += 1
                self.clear_line()
                clock = time.strftime("%H:%M:%S")
                done(f"{clock}  refreshed with {left_before:.0f} s to spare; the token is now {bold(mark)}")
            generation, left_before = token["generation"], left
            self.draw(mark, left)
            time.sleep(0.25)
        self.clear_line()
        return refreshes

    @staticmethod
    def draw(mark: str, left: float) -> None:
        if TERMINAL:
            filled = round(30 * max(0.0, min(1.0, left / TOKEN_LIFETIME)))
            bar = green("█" * filled) + dim("░" * (30 - filled))
            print(f"\r    token {mark}  {bar}  {left:3.0f} s left ", end="", flush=True)

    @staticmethod
    def clear_line() -> None:
        if TERMINAL:
            print("\r\033[K", end="")


def main() -> int:
    demo = Demo(Path(sys.argv[1]))
    try:
        demo.run()
        return 0
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130
    except (RuntimeError, subprocess.CalledProcessError, OSError) as error:
        print(f"\nThe demonstration failed: {error}", file=sys.stderr)
        return 1
    finally:
        demo.stop()
        say(dim("\nThe daemon and the server are stopped, and their directory is removed.\n"))


if __name__ == "__main__":
    sys.exit(main())
