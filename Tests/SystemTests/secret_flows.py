"""Every way that a secret takes through the daemon, the wrong ways too, with a provider that talks."""

from __future__ import annotations

import base64
import itertools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from daemon_under_watch import WatchedDaemon
from leaks.emitted import Secrets
from service import eventually
from support.provider import Provider

#: What every user's id begins with: long enough to be searched for as a secret is.
USER_PREFIX = "alice:of-the-search:"
#: How the provider repeats what it was sent (Tests/Support/provider/failures.py).
SPELLINGS = ("plain", "half", "base64", "base64url", "hex", "url", "url_in_percent")
#: Replies to a token request that nobody can read, with tokens in them all the same.
UNREADABLE: tuple[dict[str, Any], ...] = (
    {"kind": "half_reply"},
    {"kind": "content_type"},
    {"kind": "member", "member": "access_token"},
    {"kind": "member", "member": "token_type", "value": ["Bearer"]},
    {"kind": "member", "member": "token_type", "value": "mac"},
    {"kind": "member", "member": "expires_in", "value": {"seconds": 5}},
    {"kind": "member", "member": "refresh_token", "value": 5},
    {"kind": "member", "member": "error", "value": "invalid_grant"},
)


@dataclass(frozen=True)
class Tool:
    """A tool of the daemon, and its client at the provider."""

    name: str
    #: As the tool's file names the client secret.
    secret_reference: str
    client_secret: str
    authentication: str = "client_secret_basic"
    refresh: str = "{rotation: single_use}"
    #: Where the parameters of token requests go.
    body: str = "form"
    more: str = ""
    #: False: it gets its tokens by itself.
    has_users: bool = True

    def client_id(self, port: int) -> str:
        """Its client at the provider, which is the same for every daemon."""
        return f"client-{port}-{self.name}"

    def document(self, info: dict[str, Any], port: int) -> str:
        """Its file."""
        lines = [
            f"{self.name}:",
            f'  client_id: "{self.client_id(port)}"',
            f"  client_secret: {self.secret_reference}",
            "  scopes: [openid, read]",
            "  allow_http_loopback: true",
        ]
        if self.has_users:
            lines.append(f'  redirect_uris: ["{redirect_uri(port)}"]')
            lines.append('  frontend_redirects: ["https://app.example.com/*"]')
        lines += [
            "  provider:",
            f'    issuer: "{info["issuer"]}"',
            f'    token: {{endpoint: "{info["token_endpoint"]}", client_authentication: {self.authentication}, '
            f"body: {self.body}}}",
            f"    refresh: {self.refresh}",
            f'    revocation: {{endpoint: "{info["revocation_endpoint"]}"}}',
        ]
        if self.has_users:
            lines.append(f'    authorization: {{endpoint: "{info["authorization_endpoint"]}"}}')
        return "\n".join([*lines, self.more, ""])


def redirect_uri(port: int) -> str:
    """Where the browser is sent back to."""
    return f"http://127.0.0.1:{port}/callback"


class SecretFlows:
    """Drives a daemon that serves `tools`."""

    def __init__(self, daemon: WatchedDaemon, provider: Provider, secrets: Secrets, tools: list[Tool]) -> None:
        self.daemon = daemon
        self.provider = provider
        self.secrets = secrets
        self.tools = {tool.name: tool for tool in tools}
        self._numbers = itertools.count(1)
        for tool in tools:
            provider.register(tool.client_id(daemon.port), [tool.client_secret], [redirect_uri(daemon.port)])

    def user(self) -> str:
        """Somebody new."""
        return f"{USER_PREFIX}{next(self._numbers)}"

    def target(self, tool: str, user: str) -> str:
        """A record's path."""
        return f"/v1/tools/{tool}/users/{quote(user, safe='')}"

    def learn(self) -> None:
        """Has the provider tell all the secrets it made or was sent."""
        for grant in self.provider.grants():
            for kind in ("access_token", "refresh_token"):
                for token in grant[f"{kind}s"]:
                    self.secrets.add(kind.replace("_", " "), token["token"])
            for token in grant["id_tokens"]:
                # The rest of it says who the client is, as much else does.
                self.secrets.add("signature of an id token", token.rpartition(".")[2])
        for request in self.provider.requests():
            sent = parse_qs(request.get("body", "")) | parse_qs(request["query"])
            for parameter, kind in (("code", "code"), ("code_verifier", "verifier"), ("state", "state")):
                for value in sent.get(parameter, []):
                    self.secrets.add(kind, value)

    # Connecting.

    def begin(self, tool: str, user: str, by: str = "API") -> tuple[str, str, str]:
        """Begins a flow and lets the user consent; the callback's URL, its state and its code."""
        if by == "API":
            # Its answer is looked at once the state is known.
            status, answer = self._authorize(tool, user)
            assert status == 201, answer
            url = answer["auth_url"]
        else:
            url = self._authorize_at_a_shell(tool, user)
        callback = self.provider.consent(url, user)
        query = parse_qs(urlsplit(callback).query)
        state, code = query["state"][0], query["code"][0]
        self.secrets.add("code", code)
        return callback, state, code

    def _authorize(self, tool: str, user: str) -> tuple[int, Any]:
        target = f"{self.target(tool, user)}/authorize"
        status, answer = self.daemon.ask("POST", target, {"frontend_redirect": "https://app.example.com/done"})
        piece = self.daemon.emitted.pieces[-1]
        if status == 201:
            self.secrets.add("state", answer["state"])
            piece.belongs = (answer["state"],)
            self.daemon.ask("GET", f"/v1/authorizations/{answer['authorization_id']}")
        return status, answer

    def _authorize_at_a_shell(self, tool: str, user: str) -> str:
        said = self.daemon.ctl("authorize", tool, user)
        assert said.returncode == 0, said.stderr
        url = said.stdout.strip().splitlines()[-1]
        state = parse_qs(urlsplit(url).query)["state"][0]
        self.secrets.add("state", state)
        for piece in self.daemon.emitted.pieces[-2:]:
            if not piece.place.startswith("toolauthctl, standard"):
                piece.belongs = (state,)
        return url

    def connect(self, tool: str, by: str = "API") -> str:
        """A user who connects, by API, shell or browser."""
        user = self.user()
        callback, _, _ = self.begin(tool, user, "shell" if by == "shell" else "API")
        parts = urlsplit(callback)
        if by == "API":
            status, answer = self.daemon.ask("POST", "/v1/callback", {"url": callback})
            assert status == 200, answer
        elif by == "shell":
            done = self.daemon.ctl("callback", "-", stdin=callback)
            assert done.returncode == 0, done.stderr
        else:
            assert self.daemon.browse(f"{parts.path}?{parts.query}") in (200, 302, 303)
        return user

    def refused_callbacks(self, tool: str) -> None:
        """Callbacks that are refused: of others, of errors that repeat the state and the code, and rubbish."""
        state, code = self.secrets.make_token("state of nobody"), self.secrets.make_token("code of nobody")
        issuer = self.provider.info["issuer"]
        rubbish: list[dict[str, str]] = [
            {"state": state, "code": code},
            {"state": state, "error": "access_denied", "error_description": f"no {code}"},
            {"code": code},
            {"state": f"<script>{state}</script>", "code": code},
        ]
        for parameters in rubbish:
            self.call_back_everywhere(parameters)
        for target in (f"/callback?state={state}&state={code}", f"/callback?code={code}%ff%", f"/{code}", f"/?{state}"):
            self.daemon.browse(target)
            self.daemon.ask("POST", "/v1/callback", {"url": f"http://127.0.0.1{target}"})
        self.daemon.ask("POST", "/v1/callback", {"url": code})
        self.daemon.ctl("callback", "-", stdin=code)
        for wrong in (
            {"iss": "https://elsewhere.example"},
            {"error": "access_denied"},
            {"error": "server_error", "iss": issuer},
            {"code": ""},
        ):
            for way in range(3):
                _, state, code = self.begin(tool, self.user())
                said = {"error_description": f"{code} of {state} and {base64.b64encode(code.encode()).decode()}"}
                self._call_back({"state": state, "code": code, "iss": issuer} | wrong | said, way)

    def call_back_everywhere(self, parameters: dict[str, str]) -> None:
        """By API, as a URL and as members, at a shell and in a browser."""
        for way in range(4):
            self._call_back(parameters, way)

    def _call_back(self, parameters: dict[str, str], way: int) -> None:
        query = urlencode(parameters)
        url = f"{redirect_uri(self.daemon.port)}?{query}"
        match way:
            case 0:
                status, _ = self.daemon.ask("POST", "/v1/callback", {"url": url})
                assert status in (400, 422), status
            case 1:
                assert self.daemon.browse(f"/callback?{query}") in (302, 303, 400, 422, 403)
            case 2:
                assert self.daemon.ctl("callback", "-", stdin=url).returncode != 0
            case _:
                self.daemon.ask("POST", "/v1/callback", parameters)

    def failing_exchanges(self, tool: str) -> None:
        """Codes that the provider refuses, repeating what it was sent, and replies that cannot be read."""
        for what in ("code", "code_verifier", "client_secret", "authorization", "request"):
            for spelled in SPELLINGS:
                self._spoil(
                    "echo", grant_type="authorization_code", repeat=what, spelled=spelled, error="invalid_grant"
                )
                self._failing_exchange(tool)
        for rule in UNREADABLE:
            self._spoil(**rule, grant_type="authorization_code")
            self._failing_exchange(tool)

    def _failing_exchange(self, tool: str) -> None:
        callback, _, _ = self.begin(tool, self.user())
        self.daemon.ask("POST", "/v1/callback", {"url": callback})

    # Refreshing.

    def import_grant(self, tool: str, user: str, expires_in: int = 3600) -> None:
        """Tokens that somebody obtained elsewhere."""
        client_id = self.tools[tool].client_id(self.daemon.port)
        grant = self.provider.grant(user, client_id=client_id, expires_in=expires_in)
        tokens = {name: grant[name] for name in ("access_token", "refresh_token", "expires_in")}
        status, answer = self.daemon.ask("PUT", self.target(tool, user), tokens)
        assert status == 201, answer

    def failing_refreshes(self, tool: str) -> None:
        """Refreshes that the provider refuses in words that repeat what it was sent."""
        for what in ("refresh_token", "client_secret", "authorization", "request"):
            for number, spelled in enumerate(SPELLINGS):
                user = self.user()
                self.import_grant(tool, user)
                error = ("invalid_grant", "strange_error")[number % 2]
                self._spoil("echo", grant_type="refresh_token", user=user, repeat=what, spelled=spelled, error=error)
                self.daemon.ask("POST", f"{self.target(tool, user)}/refresh")
                self.daemon.ask("GET", self.target(tool, user))
        # So many refused requests are the tool's own trouble, which pauses it.
        assert self.daemon.ctl("tools", "resume", tool).returncode == 0

    def tokens_in_addresses(self) -> list[str]:
        """What the provider was asked with a token where addresses are written down: requests without what they had."""
        tokens = [token for name, token in self.secrets.by_name().items() if name.startswith(("access", "refresh"))]
        return [
            f"{request['method']} {request['endpoint']}"
            for request in self.provider.requests()
            if any(str(token) in unquote(request["query"]) for token in tokens)
        ]

    def new_master_key(self, file: Path) -> list[bytes]:
        """A master key is added, all is sealed with it, and the former is retired; both of them."""
        keys: list[bytes] = []

        def learn() -> str:
            name, _, text = file.read_text().split()[-1].partition(":")
            keys.append(base64.b64decode(text))
            self.secrets.add("master key", keys[-1])
            return name

        former = learn()
        for arguments in (["add"], ["list"], ["rotate"], ["list", "--json"], ["retire", former]):
            done = self.daemon.ctl("keys", *arguments)
            assert done.returncode == 0, (arguments, done.stderr)
            if arguments == ["add"]:
                assert learn() != former
        return keys

    def unreadable_refreshes(self, tool: str) -> None:
        """New tokens in replies that cannot be read. They come last: the endpoint is taken for broken."""
        for rule in UNREADABLE:
            user = self.user()
            self.import_grant(tool, user)
            self._spoil(**rule, grant_type="refresh_token", user=user)
            self.daemon.ask("POST", f"{self.target(tool, user)}/refresh")
            self.daemon.ask("GET", self.target(tool, user))

    def refresh(self, tool: str, user: str) -> None:
        """The next tokens, and the same at a shell."""
        target = self.target(tool, user)
        before = self.daemon.token(target)
        status, answer = self.daemon.ask("POST", f"{target}/refresh")
        assert status == 200, answer
        assert self.daemon.token(target) != before
        # At once, another is too soon.
        assert self.daemon.ctl("refresh", tool, user).returncode != 0
        other = self.user()
        self.import_grant(tool, other)
        assert self.daemon.ctl("refresh", tool, other).returncode == 0

    def refresh_by_itself(self, tool: str) -> str:
        """A token that ends soon, which the daemon refreshes without being asked."""
        user = self.user()
        self.import_grant(tool, user, expires_in=1)

        def is_refreshed() -> bool:
            _, record = self.daemon.ask("GET", self.target(tool, user))
            return "last_refreshed_at" in record

        eventually(is_refreshed, 30, f"{user} to be refreshed")
        return user

    # Tokens at a shell, which is where they belong.

    def tokens_at_a_shell(self, tool: str, user: str) -> None:
        """Every form in which toolauthctl hands a token out."""
        token = self.daemon.token(self.target(tool, user))
        for form in ([], ["--header"], ["--json"], ["--env", "TOKEN"], ["--xoauth2", "alice@example.com"]):
            said = self.daemon.ctl("token", tool, user, *form, belongs=(token,))
            assert said.returncode == 0, said.stderr
        shown = self.daemon.ctl("token", tool, user, "--exec", "cat", "/proc/self/cmdline")
        assert "cmdline" in shown.stdout, shown
        shown = self.daemon.ctl("token", tool, user, "--exec", "cat", "/proc/self/environ", belongs=(token,))
        assert "TOOLAUTH_TOKEN" in shown.stdout, shown.stderr
        accept = {"Accept": "text/plain"}
        status, _ = self.daemon.ask("GET", f"{self.target(tool, user)}/token", headers=accept, belongs=(token,))
        assert status == 200, status

    # The wrong places.

    def misplaced(self, tool: str, user: str) -> None:
        """Tokens where none belongs, in requests that are refused. A name that is not known is told to who used it."""
        token = self.secrets.make_token("misplaced token")
        record = self.target(tool, user)
        for target in (
            f"{record}/token?access_token={token}",
            f"{record}/token?min_validity={token}",
            f"{record}/token?wait={token}",
            f"{record}/{token}",
            f"/v1/auths?cursor={token}",
            f"/v1/auths?limit={token}",
            f"/v1/auths?status={token}",
            f"/v1/authorizations/{token}",
            f"/{token}",
            f"/v1/tools/{token}!/users/alice/token",
        ):
            status, _ = self.daemon.ask("GET", target)
            assert 400 <= status < 500, (target.replace(token, "TOKEN"), status)
        for method, target, body in (
            ("POST", "/v1/callback", {"url": token}),
            ("POST", "/v1/callback", {"code": token, "state": token}),
            ("POST", "/v1/callback", {"access_token": token}),
            ("POST", f"{record}/authorize", {"extra_params": {"access_token": token}}),
            ("POST", f"{record}/authorize", {"scopes": token}),
            ("POST", f"{record}/authorize", {"redirect_uri": f"https://evil.example/?{token}"}),
            ("POST", f"{record}/authorize", {"frontend_redirect": f"https://evil.example/?{token}"}),
            ("POST", f"{record}/authorize", {"connection": {"access_token": token}}),
            ("PUT", record, {"access_token": [token]}),
            ("PUT", record, {"access_token": f"{token}\n"}),
            ("PUT", record, {"acess_token": token}),
            ("PUT", record, {"access_token": token, "expires_in": -1}),
            ("PUT", record, {"access_token": token, "expires_in": token}),
            ("PUT", record, {"access_token": token, "expires_at": token}),
            ("PUT", record, {"access_token": token, "token_type": ""}),
            ("PUT", record, {"access_token": token, "metadata": {"x": 5}}),
            ("PUT", record, f'{{"access_token": "{token}'.encode()),
            ("PUT", record, f'{{"access_token": "{token}"}} {token}'.encode()),
            ("PUT", record, f"{token}".encode()),
            ("POST", f"{record}/refresh", {"refresh_token": token}),
        ):
            status, _ = self.daemon.ask(method, target, body)
            assert 400 <= status < 500, (method, target, status)
        for name in ("If-Match", "Content-Type", "Accept", "Expect", "Last-Event-ID", "Authorization", "Cookie"):
            target = "/v1/status" if name in ("Last-Event-ID", "Accept", "Cookie") else f"{record}/refresh"
            method = "GET" if target == "/v1/status" else "POST"
            if name == "Authorization":
                method, target = "GET", "/v1/tools"
            self.daemon.ask(method, target, b"{}" if name == "Content-Type" else None, {name: token})
        for raw in (f"{token}\r\n\r\n", f"GET {token}\r\n\r\n", f"GET / HTTP/1.1\r\n{token}\r\n\r\n", f"\0{token}\n"):
            self.daemon.send_raw(raw.encode())
        # Whoever misspells a name must be told which.
        told: tuple[tuple[str, str, Any], ...] = (
            ("GET", f"{record}/token?{token}=1", None),
            ("PUT", record, {token: 1}),
            ("POST", f"{record}/authorize", {"scopes": [token]}),
            ("POST", f"{record}/authorize", {"extra_params": {token: "1"}}),
        )
        for method, target, body in told:
            status, _ = self.daemon.ask(method, target, body, known=(token,))
            assert status == 400, status

    def imports(self, tool: str) -> None:
        """Imports at a shell: one, and a file with lines that are wrong."""
        user = self.user()
        token = self.secrets.make_token("imported token")
        done = self.daemon.ctl("import", tool, user, stdin=json.dumps({"access_token": token, "expires_in": 3600}))
        assert done.returncode == 0, done.stderr
        lines = [
            json.dumps({"tool_id": tool, "user_id": self.user(), "access_token": token, "refresh_token": token}),
            json.dumps({"tool_id": tool, "user_id": self.user(), "access_token": f"{token}\t"}),
            json.dumps({"tool_id": tool, "user_id": self.user(), "access_token": [token]}),
            json.dumps({"tool_id": tool, "user_id": self.user(), "acess_token": token}),
            json.dumps({"tool_id": "no-such-tool", "user_id": self.user(), "access_token": token}),
            f'{{"access_token": "{token}',
            token,
        ]
        mixed = self.daemon.ctl("import", "-", stdin="\n".join(lines) + "\n")
        assert mixed.returncode != 0, mixed.stdout
        one = self.daemon.ctl("import", tool, self.user(), stdin=token)
        assert one.returncode != 0, one.stdout

    # The end.

    def delete_all(self, tool: str, users: list[str]) -> None:
        """Revocations that go well, and those that the provider refuses in words that repeat the token."""
        for number, spelled in enumerate(SPELLINGS):
            user = self.user()
            self.import_grant(tool, user)
            what = ("token", "request", "authorization")[number % 3]
            self._spoil("echo", endpoint="revoke", user=user, repeat=what, spelled=spelled, error="refused", count=None)
            status, _ = self.daemon.ask("DELETE", self.target(tool, user))
            assert status == 204, status
        for user in users:
            assert self.daemon.ctl("delete", tool, user, "--yes").returncode == 0

        def asked() -> int:
            return int(self.provider.counters()["requests"].get("revoke", 0))

        eventually(lambda: asked() >= len(SPELLINGS) + len(users), 30, "revocations at the provider")

    def look_around(self, tool: str, user: str) -> None:
        """Everything that shows how things are."""
        for target in ("/v1/status", "/v1/tools", f"/v1/tools?user_id={quote(user)}", "/v1/auths?limit=1000"):
            status, _ = self.daemon.ask("GET", target)
            assert status == 200, (target, status)
        for target in ("/metrics", "/healthz", "/v1/providers", self.target(tool, user)):
            status, _ = self.daemon.ask("GET", target)
            assert status == 200, (target, status)
        for verb in (
            ["status"],
            ["status", "--json"],
            ["tools"],
            ["tools", "--json"],
            ["tools", "show", tool],
            ["tools", "show", tool, "--json"],
            ["tools", "test", tool],
            ["tools", "test", tool, "--json"],
            ["auths"],
            ["auths", "--json"],
            ["auths", "show", tool, user],
            ["auths", "show", tool, user, "--json"],
            ["providers"],
            ["providers", "show", "google"],
            ["check"],
        ):
            self.daemon.ctl(*verb)

        self.daemon.watch_top()

    def back_up(self, directory: Path) -> None:
        """A backup by each way there is."""
        at_a_shell = directory / f"{self.daemon.name}.backup"
        done = self.daemon.ctl("backup", str(at_a_shell))
        assert done.returncode == 0, done.stderr
        self.daemon.emitted.add(self.daemon.place("backups"), at_a_shell.read_bytes())
        status, _ = self.daemon.ask("GET", "/v1/backup")
        assert status == 200, status

    def _spoil(self, kind: str, **rule: Any) -> None:
        """The next request goes wrong; whatever else was to go wrong does not any more."""
        self.provider.recover()
        self.provider.fail(kind=kind, **rule)
