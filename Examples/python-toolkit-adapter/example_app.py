"""
A small system with tools, and the class that it has swapped: see README.md.

    python3 example_app.py --api URL [--port 8790] [--socket PATH]

Who is signed in stands in the cookie `user`, as given: a real system has sessions.
"""

from __future__ import annotations

import argparse
import json
import urllib.error
import urllib.request
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote, urlsplit

from delegated_tool_auth import DelegatedToolAuthentication, ToolAuthError

OPTIONS = argparse.ArgumentParser()
OPTIONS.add_argument("--port", type=int, default=8790)
OPTIONS.add_argument("--socket", help="where toolauthd listens")
OPTIONS.add_argument("--api", required=True, help="what the tool calls with the token")
options = OPTIONS.parse_args()


class GmailAuth(DelegatedToolAuthentication):
    """All that is left of the tool's authentication."""

    TOOL_ID = "gmail"

    def authorization_parameters(self, user_id: str) -> dict[str, str]:
        return {"frontend_redirect": f"http://127.0.0.1:{options.port}/v1/tools"}


def auth_of(tool_id: str) -> DelegatedToolAuthentication:
    """The class of a tool, made anew for each request."""
    return {GmailAuth.TOOL_ID: GmailAuth}[tool_id](socket_path=options.socket)


def list_tools(user: str) -> list[dict[str, Any]]:
    """What a frontend shows: which tools there are, and where the user connects those that need it."""
    auth = auth_of("gmail")
    is_required = auth.is_auth_required(user)
    url = auth.get_auth_url(user) if is_required else None
    return [{"tool_id": auth.tool_id, "is_auth_required": is_required, "auth_url": url}]


def call_tool(user: str) -> Any:
    """The tool itself: a call with the token, and once more with a newer one where the provider refuses it."""
    auth = auth_of("gmail")
    may_refresh = True
    while (tool_auth := auth.get_tool_auth(user)) is not None:
        try:
            return call_api(tool_auth.access_token)
        except urllib.error.HTTPError as error:
            if error.code != 401 or not may_refresh or not auth.try_refresh_token(tool_auth):
                raise
            may_refresh = False
    return {"error": f"{user} must connect gmail"}


def call_api(access_token: str) -> Any:
    """One request to the provider's API."""
    request = urllib.request.Request(options.api, headers={"Authorization": f"Bearer {access_token}"})
    with urllib.request.urlopen(request, timeout=30) as reply:
        return json.load(reply)


class Handler(BaseHTTPRequestHandler):
    """The routes."""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/v1/tools":
            self.answer(lambda: list_tools(self.user))
        elif path == "/v1/tool/auth":
            self.complete()
        elif path == "/v1/tool/call":
            self.answer(lambda: call_tool(self.user))
        else:
            self.send_error(404)

    def do_DELETE(self) -> None:
        if self.path == "/v1/tool/auth/gmail":
            self.answer(lambda: {"deleted": auth_of("gmail").delete_tool_auth(self.user)})
        else:
            self.send_error(404)

    def complete(self) -> None:
        """Where the provider sends users back to."""
        try:
            done = auth_of("gmail").retrieve_auth_token(self.path, self.user)
            target = done.redirect_to or "/v1/tools"
        except ToolAuthError as error:
            target = f"/v1/tools?error={quote(str(error))}"
        self.send_response(302)
        self.send_header("Location", target)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer(self, work: Any) -> None:
        """Sends what `work` brings, or why it brings nothing."""
        try:
            status, body = (200, work()) if self.user else (401, {"error": "nobody is signed in"})
        except (ToolAuthError, urllib.error.URLError) as error:
            status, body = 502, {"error": str(error)}
        text = (json.dumps(body) + "\n").encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    @property
    def user(self) -> str:
        """Who is signed in; empty where nobody is."""
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("user")
        return cookie.value if cookie else ""

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: states and codes stand in these lines."""


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", options.port), Handler) as server:
        server.serve_forever()
