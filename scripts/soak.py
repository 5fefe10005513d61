#!/usr/bin/env python3
"""The soak: many users at a real server for minutes, and a reader that asks for every token once a second.

soak.py BIN_DIR

It fails if a read fails, if a token handed out is not active at its provider's introspection, if a user needs to
reauthorize, or if the server counts a refresh token used twice.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo import OAUTH_SERVER, Demo, UnixConnection

SECONDS = int(os.environ.get("SOAK_SECONDS", "600"))
USERS = int(os.environ.get("SOAK_USERS", "50"))
LIFETIME = 60
INTROSPECTORS = 2


@dataclass
class Findings:
    """What was seen; guarded by its lock."""

    reads: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    inactive: int = 0
    introspected: int = 0
    slowest: float = 0.0
    tokens: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Soak(Demo):
    """The demonstration's processes, with more users and longer."""

    def start_server(self) -> dict[str, Any]:
        start = [sys.executable, str(OAUTH_SERVER / "oauth_server.py"), "start"]
        start += ["--lifetime", str(LIFETIME), "--users", str(USERS), "--redirect-uri", self.listener.redirect_uri]
        self.server = json.loads(subprocess.run(start, check=True, stdout=subprocess.PIPE).stdout)
        return self.server

    def connect(self, server: dict[str, Any], user: str) -> None:
        url = self.ctl("authorize", "demo", user).splitlines()[-1]
        approve = [sys.executable, str(OAUTH_SERVER / "approve.py"), json.dumps(server), url, "--user", user]
        self.ctl("callback", "-", stdin=subprocess.run(approve, check=True, capture_output=True, text=True).stdout)

    def read_every_second(self, users: list[str], until: float, findings: Findings) -> None:
        """Reads each user's token once a second over a kept connection, as an application would."""
        connection = UnixConnection(str(self.socket))
        while time.monotonic() < until:
            began = time.monotonic()
            for user in users:
                asked = time.monotonic()
                try:
                    connection.request("GET", f"/v1/tools/demo/users/{user}/token?min_validity=0")
                    answer = connection.getresponse()
                    body = json.loads(answer.read())
                except OSError as error:
                    connection.close()
                    with findings.lock:
                        findings.failures[type(error).__name__] += 1
                    continue
                with findings.lock:
                    findings.reads += 1
                    findings.slowest = max(findings.slowest, time.monotonic() - asked)
                    if answer.status != 200:
                        findings.failures[str(body.get("type"))] += 1
                    else:
                        findings.tokens.add(body["access_token"])
            time.sleep(max(0.0, began + 1 - time.monotonic()))
        connection.close()

    def introspect(self, server: dict[str, Any], users: list[str], until: float, findings: Findings) -> None:
        """Asks the server about tokens just handed out: one that is not active was handed out too late."""
        credentials = base64.b64encode(f"{server['client_id']}:{server['client_secret']}".encode()).decode()
        connection = UnixConnection(str(self.socket))
        while time.monotonic() < until:
            for user in users:
                if time.monotonic() >= until:
                    break
                connection.request("GET", f"/v1/tools/demo/users/{user}/token?min_validity=0")
                token = json.loads(connection.getresponse().read()).get("access_token", "")
                request = urllib.request.Request(
                    server["introspection_endpoint"],
                    data=urllib.parse.urlencode({"token": token}).encode(),
                    headers={"Authorization": f"Basic {credentials}"},
                )
                with urllib.request.urlopen(request, timeout=30) as reply:
                    is_active = json.loads(reply.read()).get("active") is True
                if not is_active:
                    # The server ends the old token as it makes the new one, so for the time of one refresh the daemon
                    # still has the old. Handed out any longer, it would be a fault.
                    is_active = self.gets_another(connection, user, token)
                with findings.lock:
                    findings.introspected += 1
                    findings.inactive += 0 if is_active else 1
                time.sleep(0.2)
        connection.close()

    @staticmethod
    def gets_another(connection: UnixConnection, user: str, token: str) -> bool:
        """Whether the daemon hands out another token before a refresh under way could time out."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            connection.request("GET", f"/v1/tools/demo/users/{user}/token?min_validity=0")
            if json.loads(connection.getresponse().read()).get("access_token") != token:
                return True
            time.sleep(0.1)
        return False

    def soak(self) -> int:
        server = self.start_server()
        self.start_daemon(server)
        users = [name for name in server["users"] if name.startswith("user-")][:USERS]
        print(f"connecting {len(users)} users …", flush=True)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda user: self.connect(server, user), users))
        print(f"reading every token once a second for {SECONDS} s …", flush=True)
        findings, until = Findings(), time.monotonic() + SECONDS
        threads = [threading.Thread(target=self.read_every_second, args=(users, until, findings))]
        for part in range(INTROSPECTORS):
            share = users[part::INTROSPECTORS]
            threads.append(threading.Thread(target=self.introspect, args=(server, share, until, findings)))
        for thread in threads:
            thread.start()
        while time.monotonic() < until:
            time.sleep(min(60.0, max(0.1, until - time.monotonic())))
            print(f"  {findings.reads} reads, {len(findings.tokens)} tokens, failures {dict(findings.failures)}", flush=True)
        for thread in threads:
            thread.join()
        return self.verdict(server, users, findings)

    def verdict(self, server: dict[str, Any], users: list[str], findings: Findings) -> int:
        auths = json.loads(self.ctl("auths", "--json"))["auths"]
        dead = [record["user_id"] for record in auths if record["status"] == "needs_reauthorization"]
        count = [sys.executable, str(OAUTH_SERVER / "oauth_server.py"), "status", json.dumps(server)]
        counts = json.loads(subprocess.run(count, check=True, capture_output=True, text=True).stdout)
        print(f"users                         {len(users)}")
        print(f"reads                         {findings.reads} (slowest {findings.slowest * 1000:.0f} ms)")
        print(f"reads that failed             {sum(findings.failures.values())} {dict(findings.failures) or ''}")
        print(f"refreshes the server counted  {counts['refresh']}")
        print(f"tokens introspected           {findings.introspected}, not active: {findings.inactive}")
        print(f"users to reauthorize          {len(dead)}")
        print(f"refresh tokens used twice     {counts['reuse']}")
        bad = findings.failures or findings.inactive or dead or counts["reuse"] or not findings.introspected
        print("FAILED" if bad else "passed")
        return 1 if bad else 0


def main() -> int:
    soak = Soak(Path(sys.argv[1]))
    try:
        return soak.soak()
    finally:
        soak.stop()


if __name__ == "__main__":
    sys.exit(main())
