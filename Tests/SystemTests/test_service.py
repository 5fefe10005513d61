"""The daemon as a systemd service, with a real authorization server: run by run.sh, inside a booted system."""

from __future__ import annotations

import errno
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path
from typing import Any

from clients import Crowd
from service import ctl, eventually, journal, prepare, property_of, run

SUPPORT = Path(__file__).resolve().parent.parent / "Support"
OAUTH_SERVER = SUPPORT / "oauth-server" / "oauth_server.py"
APPROVE = SUPPORT / "oauth-server" / "approve.py"
REDIRECT_URI = "http://127.0.0.1:8790/callback"
LIFETIME = 60


class ServiceTests(unittest.TestCase):
    """One story, told in order: the methods' names sort as it goes."""

    server: dict[str, Any]
    tokens: set[str]

    @classmethod
    def setUpClass(cls) -> None:
        prepare()
        start = [sys.executable, str(OAUTH_SERVER), "start", "--https", "--lifetime", str(LIFETIME)]
        cls.server = json.loads(run(*start, "--redirect-uri", REDIRECT_URI).stdout)
        cls.tokens = {cls.server["client_secret"]}
        cls.configure()
        run("systemctl", "daemon-reload")
        run("systemctl", "start", "toolauthd.socket")

    @classmethod
    def tearDownClass(cls) -> None:
        run(sys.executable, str(OAUTH_SERVER), "stop", json.dumps(cls.server), check=False)

    @classmethod
    def configure(cls) -> None:
        config = Path("/etc/toolauthd")
        (config / "tools.d").mkdir(parents=True, exist_ok=True)
        shutil.copy(cls.server["ca_file"], config / "ca.pem")
        (config / "ca.pem").chmod(0o644)
        secret = config / "secrets" / "demo"
        secret.parent.mkdir(mode=0o700, exist_ok=True)
        secret.touch(mode=0o600)
        secret.write_text(cls.server["client_secret"])
        (config / "toolauthd.yaml").write_text("log: {level: debug}\n")
        client = f"""
  client_id: {cls.server["client_id"]}
  client_secret: {{credential: secrets_demo}}
  scopes: [read]
  redirect_uris: ["{REDIRECT_URI}"]
  tls: {{ca_file: /etc/toolauthd/ca.pem}}
  allow_http_loopback: true
  provider:
    refresh: {{rotation: single_use}}"""
        (config / "tools.d" / "demo.yaml").write_text(f"""
demo:{client}
    authorization: {{endpoint: "{cls.server["authorization_endpoint"]}"}}
    token: {{endpoint: "{cls.server["token_endpoint"]}"}}
    revocation: {{endpoint: "{cls.server["revocation_endpoint"]}"}}
# The same server, of which nothing but its issuer is known.
discovered:{client}
    issuer: "{cls.server["issuer"]}"
""")
        drop_ins = Path("/etc/systemd/system/toolauthd.service.d")
        drop_ins.mkdir(parents=True, exist_ok=True)
        shutil.copy("/usr/share/doc/toolauthd/examples/systemd/secrets.conf", drop_ins)

    def token(self) -> str:
        token = ctl("token", "demo", "alice").stdout.strip()
        self.tokens.add(token)
        return token

    def test_01_the_first_connection_starts_the_service(self) -> None:
        self.assertEqual(property_of("toolauthd.service", "ActiveState"), "inactive")
        tools = json.loads(ctl("tools", "--json").stdout)["tools"]
        self.assertEqual(
            [(tool["tool_id"], tool["status"]) for tool in tools], [("demo", "available"), ("discovered", "available")]
        )
        self.assertEqual(property_of("toolauthd.service", "ActiveState"), "active")
        self.assertEqual(property_of("toolauthd.service", "StatusText"), "No users are connected to 2 tools.")
        self.assertEqual(property_of("toolauthd.service", "NRestarts"), "0")

    def test_02_it_runs_as_its_own_user_and_its_files_are_nobody_elses(self) -> None:
        pid = property_of("toolauthd.service", "MainPID")
        self.assertEqual(os.stat(f"/proc/{pid}").st_uid, pwd.getpwnam("toolauthd").pw_uid)
        state = Path("/var/lib/toolauthd")
        self.assertEqual(state.stat().st_mode & 0o777, 0o700)
        for file in state.iterdir():
            self.assertEqual(file.stat().st_mode & 0o777, 0o600, str(file))

    def test_03_a_stranger_is_refused(self) -> None:
        stranger = run("runuser", "-u", "nobody", "--", "toolauthctl", "tools", check=False)
        self.assertEqual(stranger.returncode, 77, stranger.stderr)

    def test_04_a_user_connects_through_login_and_consent(self) -> None:
        url = ctl("authorize", "demo", "alice").stdout.strip().splitlines()[-1]
        callback = run(sys.executable, str(APPROVE), json.dumps(self.server), url).stdout.strip()
        ctl("callback", "-", stdin=callback)
        self.assertTrue(self.token())
        again = ctl("callback", "-", stdin=callback, check=False)
        self.assertNotEqual(again.returncode, 0, "a callback works once")
        connected = journal("TOOLAUTH_EVENT=auth.connected")
        self.assertEqual([entry["TOOLAUTH_USER"] for entry in connected], ["alice"])

    def test_05_the_token_is_refreshed_three_times_ahead_of_its_expiry(self) -> None:
        eventually(lambda: len(journal("TOOLAUTH_EVENT=auth.refreshed")) >= 3, 3 * LIFETIME, "three refreshes")
        connected = journal("TOOLAUTH_EVENT=auth.connected")
        refreshed = journal("TOOLAUTH_EVENT=auth.refreshed")
        expiry = connected[0]["TOOLAUTH_EXPIRES_AT"]
        for entry in refreshed:
            self.assertEqual(entry["TOOLAUTH_TOOL"], "demo")
            self.assertEqual(entry["TOOLAUTH_USER"], "alice")
            self.assertEqual(entry["TOOLAUTH_OUTCOME"], "refreshed")
            self.assertEqual(entry["SYSLOG_IDENTIFIER"], "toolauthd")
            self.assertRegex(entry["MESSAGE_ID"], "^[0-9a-f]{32}$")
            self.assertGreater(int(entry["TOOLAUTH_DURATION_USEC"]), 0)
            at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(int(entry["__REALTIME_TIMESTAMP"]) / 1e6))
            self.assertLess(at, expiry[:19], "refreshed after the old token's end")
            expiry = entry["TOOLAUTH_EXPIRES_AT"]
        reuse = run(sys.executable, str(OAUTH_SERVER), "reuse-count", json.dumps(self.server)).stdout.strip()
        self.assertEqual(reuse, "0")

    def test_06_systemctl_status_says_how_things_are(self) -> None:
        self.assertRegex(
            property_of("toolauthd.service", "StatusText"),
            r"^1 token fresh; next refresh \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\.$",
        )
        shown = run("systemctl", "status", "toolauthd.service", check=False).stdout
        self.assertIn('Status: "1 token fresh; next refresh', shown)

    def test_07_the_watchdog_is_fed(self) -> None:
        def fed() -> str:
            return property_of("toolauthd.service", "WatchdogTimestampMonotonic")

        before = fed()
        eventually(lambda: fed() != before, 40, "the watchdog to be fed")

    def test_08_killed_at_any_moment_it_comes_back_and_nothing_is_lost(self) -> None:
        before = property_of("toolauthd.service", "MainPID")
        os.kill(int(before), signal.SIGKILL)
        self.assertTrue(self.token())
        self.assertNotEqual(property_of("toolauthd.service", "MainPID"), before)
        record = json.loads(ctl("auths", "--json").stdout)["auths"][0]
        self.assertEqual(record["status"], "healthy")

    def test_09_a_restart_refuses_no_connection(self) -> None:
        restart = subprocess.Popen(["systemctl", "restart", "toolauthd.service"])
        served = 0
        while restart.poll() is None or served < 5:
            self.assertTrue(self.token())
            served += 1
        self.assertEqual(restart.wait(), 0)

    def test_09b_a_restart_fails_no_request_of_a_hundred_clients(self) -> None:
        crowd, restarts = Crowd(100), 3
        try:
            for _ in range(restarts):
                served = crowd.served
                eventually(lambda: crowd.served > served + 100, 30, "the clients to be served")
                run("systemctl", "restart", "toolauthd.service")
            served = crowd.served
            eventually(lambda: crowd.served > served + 100, 30, "the clients to be served")
        finally:
            crowd.finish()
            # So many restarts in a row are more than systemd lets a service have.
            run("systemctl", "reset-failed", "toolauthd.service")
        self.assertEqual(crowd.failures, [])
        self.assertGreater(crowd.served, 400)
        self.assertLessEqual(crowd.retried, crowd.most_retries(restarts))

    def test_09_a_reload_takes_what_is_new_and_refuses_what_is_bad(self) -> None:
        tools = Path("/etc/toolauthd/tools.d")
        pid = property_of("toolauthd.service", "MainPID")
        demo = (tools / "demo.yaml").read_text()
        (tools / "more.yaml").write_text(demo.split("# The same")[0].replace("demo:", "more:", 1))
        run("systemctl", "reload", "toolauthd.service")
        self.assertIn('"more"', ctl("tools", "--json").stdout)
        (tools / "demo.yaml").write_text(demo.replace("client_id:", "client:", 1))
        refused = run("systemctl", "reload", "toolauthd.service", check=False)
        self.assertNotEqual(refused.returncode, 0)
        said = ctl("reload", check=False)
        self.assertEqual(said.returncode, 78)
        self.assertIn("demo.yaml:2:1: demo.client_id", said.stderr)
        (tools / "demo.yaml").write_text(demo)
        (tools / "more.yaml").unlink()
        self.assertIn("Removed, grants kept: more", ctl("reload").stdout)
        self.assertEqual(property_of("toolauthd.service", "MainPID"), pid)
        self.assertEqual(property_of("toolauthd.service", "ActiveState"), "active")
        self.assertTrue(self.token())

    def test_09c_a_backup_is_restored_by_root_with_the_key_as_a_credential(self) -> None:
        state = Path("/var/lib/toolauthd")
        backup, key = Path("/var/tmp/toolauthd.backup"), Path("/etc/toolauthd/secrets/master.key")
        drop_ins = Path("/etc/systemd/system/toolauthd.service.d")
        ctl("backup", str(backup))
        self.assertEqual(backup.stat().st_mode & 0o777, 0o600)
        running = run("toolauthd", "restore", str(backup), check=False)
        self.assertEqual(running.returncode, 74, running.stderr)
        self.assertIn("toolauthd is running on", running.stderr)
        run("systemctl", "stop", "toolauthd.socket", "toolauthd.service")
        shutil.copy(state / "master.key", key)
        key.chmod(0o600)
        for file in state.iterdir():
            file.unlink()

        without = run("toolauthd", "restore", str(backup), check=False)
        self.assertEqual(without.returncode, 78, without.stderr)
        self.assertEqual(list(state.iterdir()), [])
        credential = f"--property=LoadCredential=toolauthd.key:{key}"
        run("systemd-run", "--quiet", "--pipe", "--wait", credential, "toolauthd", "restore", str(backup))
        self.assertEqual([file.name for file in state.iterdir()], ["toolauthd.db"])
        self.assertEqual((state / "toolauthd.db").stat().st_uid, pwd.getpwnam("toolauthd").pw_uid)

        (drop_ins / "key.conf").write_text(f"[Service]\nLoadCredential=toolauthd.key:{key}\n")
        (drop_ins / "check.conf").write_text("[Service]\nExecStartPre=/usr/bin/toolauthd --check\n")
        run("systemctl", "daemon-reload")
        run("systemctl", "start", "toolauthd.socket", "toolauthd.service")
        self.assertEqual(property_of("toolauthd.service", "NRestarts"), "0")
        self.assertIn("restored from a backup", ctl("status").stdout)
        self.assertTrue(self.token())
        self.assertEqual(ctl("refresh", "demo", "alice", check=False).returncode, 75)
        ctl("resume")

        # What fell due while it was held is refreshed at once, and soon after an attempt there is no other.
        def is_refreshed() -> bool:
            return "healthy" in ctl("refresh", "demo", "alice", check=False).stdout

        eventually(is_refreshed, 30, "a refresh once it is resumed")
        self.assertTrue(self.token())
        (drop_ins / "check.conf").unlink()
        run("systemctl", "daemon-reload")

    def test_10_a_bad_configuration_stops_it_for_good_and_says_where(self) -> None:
        config = Path("/etc/toolauthd/toolauthd.yaml")
        good = config.read_text()
        try:
            config.write_text("log: {levle: debug}\n")
            failed = run("systemctl", "restart", "toolauthd.service", check=False)
            self.assertNotEqual(failed.returncode, 0)
            self.assertEqual(property_of("toolauthd.service", "ExecMainStatus"), "78")
            self.assertEqual(property_of("toolauthd.service", "NRestarts"), "0")
            self.assertEqual(property_of("toolauthd.service", "StatusErrno"), str(errno.EINVAL))
            said = journal("PRIORITY=3", "SYSLOG_IDENTIFIER=toolauthd")[-1]["MESSAGE"]
            self.assertIn("/etc/toolauthd/toolauthd.yaml:1:7", said)
            self.assertIn("level", said)
        finally:
            config.write_text(good)
        run("systemctl", "reset-failed", "toolauthd.service", "toolauthd.socket", check=False)
        run("systemctl", "start", "toolauthd.socket", "toolauthd.service")

    def test_11_deleting_revokes_at_the_server(self) -> None:
        token = self.token()
        ctl("delete", "demo", "alice", "--yes")
        self.assertEqual(ctl("token", "demo", "alice", check=False).returncode, 66)
        eventually(lambda: not self.is_active(token), 30, "the token to be revoked at the server")

    def test_11_a_server_is_found_by_its_issuer_alone(self) -> None:
        url = ctl("authorize", "discovered", "bob").stdout.strip().splitlines()[-1]
        self.assertTrue(url.startswith(self.server["authorization_endpoint"]), url)
        callback = run(sys.executable, str(APPROVE), json.dumps(self.server), url).stdout.strip()
        ctl("callback", "-", stdin=callback)
        first = ctl("token", "discovered", "bob").stdout.strip()
        self.assertIn("healthy", ctl("refresh", "discovered", "bob").stdout)
        second = ctl("token", "discovered", "bob").stdout.strip()
        self.assertNotEqual(first, second)
        self.tokens |= {first, second}
        ctl("delete", "discovered", "bob", "--yes")
        eventually(lambda: not self.is_active(second), 30, "the token to be revoked at the server")

    def is_active(self, token: str) -> bool:
        introspect = ["curl", "--silent", "--fail", "--cacert", self.server["ca_file"]]
        introspect += ["--user", f"{self.server['client_id']}:{self.server['client_secret']}"]
        answer = run(*introspect, "--data-urlencode", "token@-", self.server["introspection_endpoint"], stdin=token)
        return bool(json.loads(answer.stdout)["active"])

    def test_12_it_stops_in_good_order(self) -> None:
        run("systemctl", "stop", "toolauthd.service")
        self.assertEqual(property_of("toolauthd.service", "Result"), "success")
        self.assertEqual(property_of("toolauthd.service", "ExecMainStatus"), "0")
        self.assertTrue(Path("/run/toolauthd/api.sock").is_socket(), "the socket unit's socket stays")

    def test_13_no_secret_is_in_the_journal(self) -> None:
        everything = run("journalctl", "--no-pager", "-o", "json").stdout
        self.assertGreater(len(self.tokens), 2)
        for secret in self.tokens:
            self.assertNotIn(secret, everything)


if __name__ == "__main__":
    unittest.main(failfast=True)
