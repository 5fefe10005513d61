"""The package on a machine: installed, used, upgraded, removed, purged. Run by run.sh, inside a booted system."""

from __future__ import annotations

import grp
import json
import os
import pwd
import threading
import unittest
from pathlib import Path

from clients import Crowd
from machine import let_packages_start_services
from packages import NEXT_PACKAGE, NEXT_VERSION, PACKAGE, VERSION
from service import ctl, eventually, journal, property_of, run
from support.provider import Provider

ETC, STATE, RUNTIME = Path("/etc/toolauthd"), Path("/var/lib/toolauthd"), Path("/run/toolauthd")
SERVICE, SOCKET, CALLBACK = "toolauthd.service", "toolauthd.socket", "toolauthd-callback.socket"
DROP_IN = Path(f"/etc/systemd/system/{SERVICE}.d/secrets.conf")
#: systemd's message of a unit that failed.
UNIT_FAILED = "d9b373ed55a64feb8242e02dbe79a49c"
SETTINGS = "# Mine.\nlog: {level: debug}\n"

#: Runs its arguments where systemd is neither running nor installed, as far as maintainer scripts can tell.
NO_SYSTEMD = """
mount -t tmpfs tmpfs /run/systemd
for program in systemctl systemd-sysusers systemd-tmpfiles; do mount --bind /dev/null "/usr/bin/$program"; done
exec "$@"
"""

TOOL = """
demo:
  client_id: {client_id}
  client_secret: {{credential: demo}}
  scopes: [read]
  redirect_uris: ["{redirect_uri}"]
  allow_http_loopback: true
  provider:
    authorization: {{endpoint: "{authorization_endpoint}"}}
    token: {{endpoint: "{token_endpoint}"}}
    refresh: {{rotation: single_use}}
"""


def dpkg(*arguments: str) -> str:
    done = run("dpkg", *arguments)
    return done.stdout + done.stderr


def is_enabled(unit: str) -> str:
    return run("systemctl", "is-enabled", unit, check=False).stdout.strip()


def is_active(unit: str) -> str:
    return property_of(unit, "ActiveState")


def installed_version() -> str:
    shown = run("dpkg-query", "--show", "--showformat", "${db:Status-Abbrev} ${Version}", "toolauthd", check=False)
    return shown.stdout


class Shell:
    """A script that calls toolauthctl in a loop."""

    def __init__(self, user: str) -> None:
        self.served = 0
        self.failures: list[str] = []
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._ask, args=(user,), daemon=True)
        self._thread.start()

    def _ask(self, user: str) -> None:
        while not self._is_over.is_set():
            asked = ctl("token", "demo", user, check=False)
            if asked.returncode == 0 and asked.stdout.strip():
                self.served += 1
            else:
                self.failures.append(f"exit {asked.returncode}: {asked.stderr}")

    def finish(self) -> None:
        self._is_over.set()
        self._thread.join()


class LifeTests(unittest.TestCase):
    """One story, told in order: the methods' names sort as it goes."""

    provider: Provider
    token: str

    @classmethod
    def setUpClass(cls) -> None:
        let_packages_start_services()
        cls.provider = Provider()
        cls.addClassCleanup(cls.provider.stop)

    def connect(self, user: str) -> None:
        url = ctl("authorize", "demo", user).stdout.strip().splitlines()[-1]
        ctl("callback", "-", stdin=self.provider.consent(url, user))

    def assert_provider_saw_no_reuse(self) -> None:
        self.assertEqual(self.provider.counters()["reuse"], 0)

    def test_00_where_there_is_no_systemd_it_is_installed_all_the_same(self) -> None:
        run("unshare", "--mount", "sh", "-euc", NO_SYSTEMD, "sh", "dpkg", "--install", str(PACKAGE))
        self.assertEqual(installed_version(), f"ii  {VERSION}")
        self.assertNotIn("toolauth", [group.gr_name for group in grp.getgrall()])
        self.assertFalse(RUNTIME.exists())
        run("unshare", "--mount", "sh", "-euc", NO_SYSTEMD, "sh", "dpkg", "--purge", "toolauthd")
        self.assertEqual(installed_version(), "")
        run("systemctl", "daemon-reload")

    def test_01_installed_it_runs(self) -> None:
        dpkg("--install", str(PACKAGE))
        self.assertEqual(installed_version(), f"ii  {VERSION}")
        for unit in (SOCKET, SERVICE):
            self.assertEqual((is_enabled(unit), is_active(unit)), ("enabled", "active"), unit)
        self.assertEqual((is_enabled(CALLBACK), is_active(CALLBACK)), ("disabled", "inactive"))
        self.assertEqual(property_of(SERVICE, "StatusText"), "No tools are configured.")
        self.assertEqual(json.loads(ctl("tools", "--json").stdout)["tools"], [])
        self.assertGreater(len(ctl("providers").stdout.splitlines()), 60)

    def test_02_users_and_directories_are_there(self) -> None:
        user, group = pwd.getpwnam("toolauthd"), grp.getgrnam("toolauth")
        self.assertEqual(group.gr_mem, ["toolauthd"])
        pid = property_of(SERVICE, "MainPID")
        self.assertEqual(os.stat(f"/proc/{pid}").st_uid, user.pw_uid)
        runtime = RUNTIME.stat()
        self.assertEqual((runtime.st_mode & 0o7777, runtime.st_uid, runtime.st_gid), (0o2755, user.pw_uid, group.gr_gid))
        api = (RUNTIME / "api.sock").stat()
        self.assertEqual((api.st_mode & 0o7777, api.st_uid, api.st_gid), (0o660, 0, group.gr_gid))
        state = STATE.stat()
        self.assertEqual((state.st_mode & 0o7777, state.st_uid), (0o700, user.pw_uid))
        self.assertEqual((ETC / "secrets").stat().st_mode & 0o7777, 0o700)

    def test_03_a_tool_with_a_secret_from_systemd_is_configured(self) -> None:
        info = self.provider.info
        secret = ETC / "secrets" / "demo"
        secret.touch(mode=0o600)
        secret.write_text(info["client_secret"])
        (ETC / "tools.d" / "demo.yaml").write_text(TOOL.format(redirect_uri=info["redirect_uris"][0], **info))
        (ETC / "toolauthd.yaml").write_text(SETTINGS)
        DROP_IN.parent.mkdir(parents=True)
        DROP_IN.write_text("[Service]\nLoadCredential=demo:/etc/toolauthd/secrets/demo\n")
        run("systemctl", "daemon-reload")
        run("systemctl", "restart", SERVICE)
        tools = json.loads(ctl("tools", "--json").stdout)["tools"]
        self.assertEqual([(tool["tool_id"], tool["status"]) for tool in tools], [("demo", "available")])

    def test_04_users_connect_and_have_tokens(self) -> None:
        for user in ("alice", "bob"):
            self.connect(user)
            token = ctl("token", "demo", user).stdout.strip()
            self.assertIn(token, self.provider.active_tokens()[user])

    def test_05_members_of_the_group_may_use_it_and_others_may_not(self) -> None:
        for user in ("alice", "bob"):
            run("useradd", "--create-home", user)
        run("usermod", "--append", "--groups", "toolauth", "alice")
        may = run("runuser", "--user", "alice", "--", "toolauthctl", "token", "demo")
        self.assertIn(may.stdout.strip(), self.provider.active_tokens()["alice"])
        may_not = run("runuser", "--user", "bob", "--", "toolauthctl", "token", "demo", check=False)
        self.assertEqual(may_not.returncode, 77, may_not.stderr)

    def test_06_an_upgrade_fails_no_request(self) -> None:
        socket_before = property_of(SOCKET, "InvocationID"), property_of(SOCKET, "ActiveEnterTimestampMonotonic")
        crowd, shells, upgrades = Crowd(50), [Shell("alice"), Shell("bob")], 2

        def served_since(before: list[int]) -> bool:
            now = [crowd.served, *(shell.served for shell in shells)]
            return all(later > earlier + 5 for earlier, later in zip(before, now, strict=True))

        def all_are_served() -> None:
            before = [crowd.served, *(shell.served for shell in shells)]
            eventually(lambda: served_since(before), 60, "the clients to be served")

        try:
            # The second time it is the same version again, as apt's --reinstall has it.
            for _ in range(upgrades):
                all_are_served()
                pid = property_of(SERVICE, "MainPID")
                dpkg("--install", str(NEXT_PACKAGE))
                self.assertNotEqual(property_of(SERVICE, "MainPID"), pid, "the daemon of the new version runs")
            all_are_served()
        finally:
            crowd.finish()
            for shell in shells:
                shell.finish()
        self.assertEqual(crowd.failures + [failure for shell in shells for failure in shell.failures], [])
        self.assertLessEqual(crowd.retried, crowd.most_retries(upgrades))
        self.assertEqual(installed_version(), f"ii  {NEXT_VERSION}")
        self.assertEqual(os.readlink(f"/proc/{property_of(SERVICE, 'MainPID')}/exe"), "/usr/bin/toolauthd")
        socket_after = property_of(SOCKET, "InvocationID"), property_of(SOCKET, "ActiveEnterTimestampMonotonic")
        self.assertEqual(socket_after, socket_before, "the socket was not touched")

    def test_07_an_upgrade_keeps_what_was_configured_and_granted(self) -> None:
        self.assertEqual((ETC / "toolauthd.yaml").read_text(), SETTINGS)
        before = ctl("token", "demo", "alice").stdout.strip()
        ctl("refresh", "demo", "alice")
        after = ctl("token", "demo", "alice").stdout.strip()
        self.assertNotEqual(after, before)
        self.assertIn(after, self.provider.active_tokens()["alice"])
        self.assert_provider_saw_no_reuse()

    def test_08_what_the_administrator_turned_off_stays_off(self) -> None:
        run("systemctl", "disable", "--now", SERVICE, SOCKET)
        dpkg("--install", str(NEXT_PACKAGE))
        for unit in (SERVICE, SOCKET):
            self.assertEqual((is_enabled(unit), is_active(unit)), ("disabled", "inactive"), unit)
        run("systemctl", "enable", "--now", SERVICE, SOCKET)
        # As the unit itself tells.
        run("systemctl", "enable", CALLBACK)
        run("systemctl", "stop", SERVICE)
        run("systemctl", "start", CALLBACK, SERVICE)
        dpkg("--install", str(NEXT_PACKAGE))
        for unit in (SERVICE, SOCKET, CALLBACK):
            self.assertEqual((is_enabled(unit), is_active(unit)), ("enabled", "active"), unit)

    def test_09_a_configuration_that_is_refused_breaks_no_upgrade(self) -> None:
        (ETC / "toolauthd.yaml").write_text("log: {levle: debug}\n")
        said = dpkg("--install", str(NEXT_PACKAGE))
        self.assertIn("toolauthd does not run", said)
        self.assertEqual(installed_version(), f"ii  {NEXT_VERSION}")
        (ETC / "toolauthd.yaml").write_text(SETTINGS)
        run("systemctl", "reset-failed", SERVICE, SOCKET, CALLBACK, check=False)
        run("systemctl", "start", SOCKET, CALLBACK)
        self.assertEqual(is_active(SERVICE), "inactive")
        # The next version finds the socket alone, and starts what failed.
        dpkg("--install", str(NEXT_PACKAGE))
        self.assertEqual(is_active(SERVICE), "active")
        self.assertTrue(ctl("token", "demo", "alice").stdout.strip())

    def test_09b_a_service_without_its_socket_has_the_new_version_too(self) -> None:
        run("systemctl", "stop", SOCKET)
        pid = property_of(SERVICE, "MainPID")
        self.assertEqual((is_active(SOCKET), is_active(SERVICE)), ("inactive", "active"))
        dpkg("--install", str(NEXT_PACKAGE))
        self.assertEqual(is_active(SERVICE), "active")
        self.assertNotEqual(property_of(SERVICE, "MainPID"), pid)
        self.assertTrue(ctl("token", "demo", "alice").stdout.strip())

    def test_10_removed_it_keeps_its_state(self) -> None:
        type(self).token = ctl("token", "demo", "alice").stdout.strip()
        dpkg("--remove", "toolauthd")
        self.assertEqual(installed_version(), f"rc  {NEXT_VERSION}")
        for unit in (SERVICE, SOCKET, CALLBACK):
            self.assertEqual(is_active(unit), "inactive", unit)
        self.assertFalse(Path("/usr/bin/toolauthd").exists())
        self.assertFalse((RUNTIME / "api.sock").exists())
        self.assertFalse(Path("/usr/share/toolauthd").exists())
        self.assertTrue((STATE / "toolauthd.db").exists())
        self.assertTrue((STATE / "master.key").exists())
        self.assertEqual((ETC / "toolauthd.yaml").read_text(), SETTINGS)
        for kept in ("tools.d/demo.yaml", "secrets/demo"):
            self.assertTrue((ETC / kept).exists(), kept)

    def test_11_installed_again_it_goes_on_with_the_same_grants(self) -> None:
        dpkg("--install", str(NEXT_PACKAGE))
        for unit in (SERVICE, SOCKET, CALLBACK):
            self.assertEqual((is_enabled(unit), is_active(unit)), ("enabled", "active"), unit)
        self.assertEqual(ctl("token", "demo", "alice").stdout.strip(), self.token)
        for user in ("alice", "bob"):
            ctl("refresh", "demo", user)
            self.assertIn(ctl("token", "demo", user).stdout.strip(), self.provider.active_tokens()[user])
        self.assert_provider_saw_no_reuse()

    def test_12_the_daemon_failed_but_the_once(self) -> None:
        self.assertEqual(len(journal(f"MESSAGE_ID={UNIT_FAILED}")), 1, "for the configuration that it refused")

    def test_13_purged_it_leaves_nothing(self) -> None:
        dpkg("--purge", "toolauthd")
        self.assertEqual(installed_version(), "")
        for path in (ETC, STATE, RUNTIME):
            self.assertFalse(path.exists(), str(path))
        # What the administrator made elsewhere is his.
        DROP_IN.unlink()
        DROP_IN.parent.rmdir()
        found = run("find", "/usr", "/lib", "/etc", "/var", "-xdev", "-name", "*toolauthd*", "-not", "-path", "/var/tmp/*")
        self.assertEqual(found.stdout, "")
        self.assertEqual(property_of(SERVICE, "LoadState"), "not-found")

    def test_14_purged_while_it_runs_it_leaves_nothing_either(self) -> None:
        dpkg("--install", str(PACKAGE))
        process = Path("/proc") / property_of(SERVICE, "MainPID")
        self.assertTrue(process.exists())
        dpkg("--purge", "toolauthd")
        self.assertFalse(process.exists())
        self.assertEqual([path for path in (ETC, STATE, RUNTIME) if path.exists()], [])


if __name__ == "__main__":
    unittest.main(failfast=True)
