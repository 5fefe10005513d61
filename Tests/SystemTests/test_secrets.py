"""No secret gets out, but where it belongs: run by run.sh, inside a booted system."""

from __future__ import annotations

import base64
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

from daemon_under_watch import WatchedDaemon
from leaks.emitted import Emitted, Secrets
from leaks.search import Search
from secret_flows import USER_PREFIX, SecretFlows, Tool
from service import eventually, prepare, property_of, run
from support.daemon import Daemon
from support.provider import Provider

STATE = Path("/var/lib/toolauthd")
CONFIG = Path("/etc/toolauthd")
DROP_INS = Path("/etc/systemd/system/toolauthd.service.d")
PORTS = {"service": 8790, "process": 8791}
#: The port of the metrics, behind that for browsers.
METRICS = 1000
#: The environment variable that has a client secret.
VARIABLE = "CLIENT_SECRET_OF_MAIL"

DAEMON = """
log: {{level: trace}}
callback: {{listen: "127.0.0.1:{port}"}}
metrics: {{listen: "127.0.0.1:{metrics}"}}
allow_inline_secrets: {inline}
"""

#: What somebody may write by mistake, with a client secret in it.
MISTAKES = (
    'client_secret: "{secret}"',
    "client_secret: {{secret: {secret}}}",
    "client_secret: {{file: nosuch, credential: {secret}}}",
    "client_secrets: {secret}",
    'client_secret: "{secret}',
    "client_secret: !!binary {secret}",
    "client_secret: {secret}: {secret}",
    "client_secret: {secret}\n  client_secret: {secret}",
    "client_secret: &{secret} x",
    "client_secret: [{secret}, [{secret}]]",
    "client_secret: |\n    {secret}\n   {secret}",
    "client_secret: {{file: /dev/null}}\n  scopes: {{{secret}: 1}}",
    "client_secret: {{file: /dev/null}}\n  token_types: {secret}",
    "\t{secret}",
)


class SecretsTests(unittest.TestCase):
    """One story, told in order: the methods' names sort as it goes."""

    secrets = Secrets()
    emitted = Emitted()
    provider: Provider
    flows: dict[str, SecretFlows]
    process: Daemon
    directory: Path
    #: At a provider of its own, whose token requests have their parameters in the address.
    queried: SecretFlows
    #: Of each daemon, the newest last.
    master_keys: dict[str, list[bytes]]

    @classmethod
    def setUpClass(cls) -> None:
        os.environ["TOOLAUTHD_BIN"] = "/usr/bin"
        temporary = TemporaryDirectory(prefix="secrets-")
        cls.addClassCleanup(temporary.cleanup)
        cls.directory = Path(temporary.name)
        cls.provider = Provider(pkce="required", known_scopes=["openid", "read"])
        cls.addClassCleanup(cls.provider.stop)
        cls.flows, cls.master_keys = {}, {}
        cls.start_service()
        cls.start_process()

    @classmethod
    def secret(cls, what: str) -> str:
        return cls.secrets.make(f"client secret {what}")

    @classmethod
    def watch(cls, name: str, socket_path: str, tools: list[Tool]) -> SecretFlows:
        """A daemon about to be started: its tools' files are written."""
        config = CONFIG if name == "service" else cls.directory / "config"
        (config / "tools.d").mkdir(parents=True, exist_ok=True)
        inline = "true" if name == "process" else "false"
        metrics = PORTS[name] + METRICS
        (config / "toolauthd.yaml").write_text(DAEMON.format(port=PORTS[name], metrics=metrics, inline=inline))
        daemon = WatchedDaemon(name, socket_path, PORTS[name], cls.emitted)
        cls.flows[name] = SecretFlows(daemon, cls.provider, cls.secrets, tools)
        for tool in tools:
            (config / "tools.d" / f"{tool.name}.yaml").write_text(tool.document(cls.provider.info, PORTS[name]))
        return cls.flows[name]

    @classmethod
    def start_service(cls) -> None:
        """As it is installed, with client secrets from a file and from a credential."""
        prepare()
        by_file, by_credential = cls.secret("in a file"), cls.secret("in a credential")
        tools = [
            Tool("mail", "{file: mail-secret}", by_file),
            Tool("drive", "{credential: drive-secret}", by_credential, "client_secret_post"),
        ]
        cls.watch("service", "/run/toolauthd/api.sock", tools)
        (CONFIG / "mail-secret").write_text(f"{by_file}\n")
        (CONFIG / "mail-secret").chmod(0o600)
        shutil.chown(CONFIG / "mail-secret", "toolauthd")
        credential = CONFIG / "secrets" / "drive"
        credential.touch(mode=0o600)
        credential.write_text(by_credential)
        DROP_INS.mkdir(parents=True, exist_ok=True)
        (DROP_INS / "secrets.conf").write_text(f"[Service]\nLoadCredential=drive-secret:{credential}\n")
        run("systemctl", "daemon-reload")
        run("systemctl", "start", "toolauthd.socket", "toolauthd.service")

    @classmethod
    def start_process(cls) -> None:
        """Off systemd, with client secrets from the environment and in clear."""
        by_environment, in_clear = cls.secret("in the environment"), cls.secret("in clear")
        upgrade = (
            f"""    upgrade: {{endpoint: "{cls.provider.info["token_endpoint"]}", grant_type: exchange_access_token}}"""
        )
        exchange = "{how: exchange_access_token, grant_type: exchange_access_token}"
        tools = [
            Tool("mail", f"{{env: {VARIABLE}}}", by_environment, "client_secret_post"),
            Tool("drive", json.dumps(in_clear), in_clear),
            Tool("photos", json.dumps(in_clear), in_clear, refresh=exchange, more=upgrade),
            Tool("robot", json.dumps(in_clear), in_clear, refresh="{how: reacquire}", has_users=False),
        ]
        flows = cls.watch("process", str(cls.directory / "api.sock"), tools)
        other = Provider(pkce="required", known_scopes=["openid", "read"], request_body="query")
        cls.addClassCleanup(other.stop)
        tool = Tool("queried", json.dumps(in_clear), in_clear, "client_secret_post", body="query")
        cls.queried = SecretFlows(flows.daemon, other, cls.secrets, [tool])
        document = tool.document(other.info, PORTS["process"])
        (cls.directory / "config" / "tools.d" / "queried.yaml").write_text(document)
        (cls.directory / "state").mkdir(mode=0o700)
        cls.process = Daemon(cls.directory, {VARIABLE: by_environment})
        cls.addClassCleanup(cls.process.kill)
        cls.process.wait_until_serving()

    def pid(self, name: str) -> int:
        """The daemon's own process."""
        if name == "service":
            return int(property_of("toolauthd.service", "MainPID"))
        return self.process.pid

    def each(self) -> list[tuple[str, SecretFlows]]:
        return list(self.flows.items())

    def test_01_where_they_come_from(self) -> None:
        for name, flows in self.each():
            flows.daemon.follow_events()
            state = STATE if name == "service" else self.directory / "state"
            line = (state / "master.key").read_text().split()[-1]
            self.master_keys[name] = [base64.b64decode(line.partition(":")[2])]
            self.secrets.add("master key", self.master_keys[name][0])
            belongs = (self.flows["process"].tools["mail"].client_secret,) if name == "process" else ()
            flows.daemon.look_at(self.pid(name), "toolauthd", belongs)

    def test_02_codes_states_and_verifiers(self) -> None:
        for name, flows in self.each():
            for tool in ("mail", "drive"):
                with self.subTest(name, tool=tool):
                    for by in ("API", "shell", "browser"):
                        flows.connect(tool, by)
                    flows.failing_exchanges(tool)
            flows.refused_callbacks("mail")

    def test_03_tokens_and_their_successors(self) -> None:
        for name, flows in self.each():
            for tool in ("mail", "drive"):
                with self.subTest(name, tool=tool):
                    user = flows.connect(tool)
                    flows.refresh(tool, user)
                    flows.failing_refreshes(tool)
            user = flows.refresh_by_itself("mail")
            flows.tokens_at_a_shell("mail", user)
            flows.misplaced("mail", user)
            flows.imports("mail")
            flows.look_around("mail", user)
            flows.daemon.scrape(PORTS[name] + METRICS)

    def test_04_tokens_that_are_exchanged_for_others(self) -> None:
        flows = self.flows["process"]
        user = flows.connect("photos")
        target = flows.target("photos", user)
        first = flows.daemon.token(target)
        status, answer = flows.daemon.ask("POST", f"{target}/refresh")
        self.assertEqual(status, 200, answer)
        self.assertNotEqual(flows.daemon.token(target), first)
        for what in ("access_token", "request"):
            self.provider.fail(kind="echo", grant_type="exchange_access_token", repeat=what, error="strange")
            callback, _, _ = flows.begin("photos", flows.user())
            flows.daemon.ask("POST", "/v1/callback", {"url": callback})
            self.provider.recover()
        self.assertTrue(flows.daemon.token(flows.target("robot", "bob")))
        self.provider.fail(kind="echo", grant_type="client_credentials", repeat="request", error="strange")
        status, _ = flows.daemon.ask("GET", f"{flows.target('robot', 'alice')}/token")
        self.assertGreaterEqual(status, 400)
        self.provider.recover()

    def test_04b_secrets_and_tokens_in_addresses(self) -> None:
        user = self.queried.connect("queried")
        self.queried.refresh("queried", user)
        self.queried.failing_exchanges("queried")
        self.queried.failing_refreshes("queried")

    def test_05_mistakes_in_the_configuration(self) -> None:
        for name, flows in self.each():
            config = CONFIG if name == "service" else self.directory / "config"
            file = config / "tools.d" / "mistake.yaml"
            for mistake in MISTAKES:
                secret = self.secrets.make_token("client secret in the wrong place")
                file.write_text(f"mistake:\n  client_id: x\n  provider: google\n  {mistake.format(secret=secret)}\n")
                flows.daemon.ctl("reload")
                self.check_configuration(flows, config, name)
            secret = self.secrets.make_token("client secret of two lines")
            (config / "two-lines").write_text(f"{secret}\n{secret}\n")
            file.write_text("mistake:\n  client_id: x\n  provider: google\n  client_secret: {file: two-lines}\n")
            flows.daemon.ctl("reload")
            self.check_configuration(flows, config, name)
            file.unlink()
            self.assertEqual(flows.daemon.ctl("reload").returncode, 0)

    def check_configuration(self, flows: SecretFlows, config: Path, name: str) -> None:
        state = STATE if name == "service" else self.directory / "state"
        arguments = ["--check", "--config", str(config), "--state-dir", str(state)]
        flows.daemon.ctl(*arguments, is_program="toolauthd")

    def test_06_a_bad_key_file_is_refused_and_not_shown(self) -> None:
        flows = self.flows["process"]
        for number, form in enumerate(("1:{key}=x", "{key}", "1:{key} 2", "1 {key}")):
            state = self.directory / f"bad-key-{number}"
            state.mkdir(mode=0o700)
            key = base64.b64encode(os.urandom(32)).decode()
            self.secrets.add("master key of a bad file", key)
            (state / "master.key").touch(mode=0o600)
            (state / "master.key").write_text(form.format(key=key) + "\n")
            arguments = ["--config", str(self.directory / "config"), "--state-dir", str(state)]
            refused = flows.daemon.ctl(*arguments, "--socket", str(state / "api.sock"), is_program="toolauthd")
            self.assertEqual(refused.returncode, 78, form)
            flows.daemon.ctl("--check", *arguments, is_program="toolauthd")

    def test_07_backups(self) -> None:
        for _, flows in self.each():
            flows.back_up(self.directory)

    def test_08_replies_that_nobody_can_read(self) -> None:
        for _, flows in self.each():
            flows.unreadable_refreshes("drive")
            flows.look_around("mail", flows.connect("mail"))

    def test_09_deleting(self) -> None:
        for _, flows in self.each():
            flows.delete_all("mail", [flows.connect("mail")])

    def test_09b_master_keys_come_and_go(self) -> None:
        for name, flows in self.each():
            state = STATE if name == "service" else self.directory / "state"
            self.master_keys[name] = flows.new_master_key(state / "master.key")
            self.assertEqual(len(self.master_keys[name]), 2)
            self.assertTrue((state / "master.key.retired").exists())

    def test_10_secrets_are_in_locked_memory(self) -> None:
        limit = int(property_of("toolauthd.service", "LimitMEMLOCK"))
        locked = int(
            re.findall(r"^VmLck:\s+(\d+) kB$", Path(f"/proc/{self.pid('service')}/status").read_text(), re.MULTILINE)[0]
        )
        self.assertGreater(locked, 0)
        self.assertLess(locked, limit >> 10)
        _, status = self.flows["service"].daemon.ask("GET", "/v1/status")
        self.assertEqual([line for line in status["warnings"] if "LimitMEMLOCK" in line], [])

    def test_11_no_other_process_of_its_user_sees_into_it(self) -> None:
        other = subprocess.Popen(["setpriv", "--reuid=toolauthd", "--clear-groups", "sleep", "infinity"])
        try:
            for file in ("environ", "mem", "maps", "auxv"):
                look = [
                    "setpriv",
                    "--reuid=toolauthd",
                    "--clear-groups",
                    "dd",
                    "status=none",
                    "count=1",
                    "of=/dev/null",
                ]
                eventually(lambda: Path(f"/proc/{other.pid}/comm").read_text() == "sleep\n", 30, "the other process")
                seen = run(*look, f"if=/proc/{other.pid}/{file}", check=False)
                # The first page of memory is nobody's: opened, and not read.
                self.assertNotIn("Permission denied", seen.stderr, "this test proves nothing")
                refused = run(*look, f"if=/proc/{self.pid('service')}/{file}", check=False)
                self.assertIn("Permission denied", refused.stderr, file)
        finally:
            other.kill()
            other.wait()

    def test_12_it_leaves_no_core(self) -> None:
        def dumps(unit: str) -> bool:
            eventually(
                lambda: property_of(unit, "ExecMainCode") in ("2", "3"),
                30,
                f"{unit} to end, which is {property_of(unit, 'ActiveState')}",
            )
            # As in waitid(2): killed, and killed with a core.
            return property_of(unit, "ExecMainCode") == "3"

        options = ["--quiet", "--remain-after-exit", "--property=LimitCORE=infinity", "--working-directory=/tmp"]
        run("systemd-run", *options, "--unit=dumping", "sleep", "infinity")
        run("systemctl", "kill", "--signal=ABRT", "dumping.service")
        self.assertTrue(dumps("dumping.service"), "an ordinary process leaves none here: this test proves nothing")

        self.flows["service"].daemon.finish_following()
        (DROP_INS / "core.conf").write_text("[Service]\nLimitCORE=infinity\nRestart=no\n")
        run("systemctl", "daemon-reload")
        run("systemctl", "restart", "toolauthd.service")
        pid = self.pid("service")
        # Whatever the unit allows, the daemon allows none.
        self.assertRegex(Path(f"/proc/{pid}/limits").read_text(), r"(?m)^Max core file size +0 +0 ")
        os.kill(pid, signal.SIGABRT)
        self.assertFalse(dumps("toolauthd.service"))
        for directory in (STATE, Path("/"), Path("/tmp"), Path("/var/lib/systemd/coredump")):
            found = [file.name for file in directory.glob("core*") if file.is_file() and str(pid) in file.name]
            self.assertEqual(found, [])
        (DROP_INS / "core.conf").unlink()
        run("systemctl", "daemon-reload")

    def test_12b_a_check_of_the_configuration_leaves_no_core(self) -> None:
        config = self.directory / "long"
        (config / "tools.d").mkdir(parents=True)
        rule = "- {{name: rule-{number}, match: {{uid: {number}}}, allow: {{actions: [status], tools: [], users: []}}}}"
        rules = "\n".join(rule.format(number=number) for number in range(1, 2000))
        (config / "toolauthd.yaml").write_text(f"clients:\n{rules}\n")
        check = subprocess.Popen(
            ["toolauthd", "--check", "--config", str(config), "--state-dir", str(self.directory / "state")],
            stdout=subprocess.PIPE,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2),
        )
        try:
            # It says more than the pipe holds, so that it is still there.
            assert check.stdout is not None
            self.assertTrue(check.stdout.read(1))
            self.assertRegex(Path(f"/proc/{check.pid}/limits").read_text(), r"(?m)^Max core file size +0 +0 ")
        finally:
            check.kill()
            check.communicate()

    def test_13_where_memory_cannot_be_locked_it_says_so_and_serves(self) -> None:
        (DROP_INS / "memory.conf").write_text("[Service]\nLimitMEMLOCK=0\n")
        run("systemctl", "daemon-reload")
        run("systemctl", "restart", "toolauthd.service")
        flows = self.flows["service"]
        _, status = flows.daemon.ask("GET", "/v1/status")
        self.assertEqual(len([line for line in status["warnings"] if "LimitMEMLOCK" in line]), 1, status["warnings"])
        user = flows.connect("mail")
        self.assertTrue(flows.daemon.token(flows.target("mail", user)))
        shown = flows.daemon.ctl("status")
        self.assertIn("LimitMEMLOCK", shown.stdout)

    def test_14_it_stops(self) -> None:
        self.emitted.add("systemctl", run("systemctl", "status", "toolauthd.service", check=False).stdout)
        self.emitted.add("systemctl", run("systemctl", "show", "toolauthd.service").stdout)
        self.queried.learn()
        for name, flows in self.each():
            flows.learn()
            state = STATE if name == "service" else self.directory / "state"
            # The log beside the database too, which an end in good order takes away.
            self.keep_files(name, state)
        run("systemctl", "stop", "toolauthd.socket", "toolauthd.service")
        self.process.stop()
        for name, flows in self.each():
            self.keep_files(name, STATE if name == "service" else self.directory / "state")
            told = flows.daemon.finish_events()
            self.assertIn(b"auth.connected", told)

    def keep_files(self, name: str, state: Path) -> None:
        for file in sorted(state.rglob("*")):
            if file.is_file():
                former, newest = self.master_keys[name]
                belongs = {"master.key": (newest,), "master.key.retired": (former,)}.get(file.name, ())
                self.emitted.add(f"state: {name}, {file.name}", file.read_bytes(), belongs)

    def test_15_the_flows_were_what_they_should_be(self) -> None:
        counters = self.provider.counters()
        for kind in ("echo", "half_reply", "content_type", "member"):
            self.assertGreater(counters["failures"].get(kind, 0), 0, kind)
        for grant_type in ("authorization_code", "refresh_token", "exchange_access_token", "client_credentials"):
            self.assertGreater(counters["grant_types"].get(grant_type, 0), 0, grant_type)
        kinds = {"state", "code", "verifier", "access token", "refresh token", "signature of an id token", "master key"}
        self.assertLessEqual(kinds, self.secrets.kinds())
        for _, flows in self.each():
            self.assertEqual(flows.tokens_in_addresses(), [])
        self.assertNotEqual(self.queried.tokens_in_addresses(), [], "this search finds nothing")

    def test_16_nothing_leaked(self) -> None:
        self.emitted.add("journal: fields", run("journalctl", "--no-pager", "-o", "export").stdout)
        self.emitted.add("journal: JSON", run("journalctl", "--no-pager", "-o", "json").stdout)
        self.emitted.add("standard error: process", (self.directory / "log").read_bytes())
        wanted = {"API answers", "token answers", "events", "pages", "toolauthctl", "toolauthctl, standard error"}
        wanted |= {"toolauthd", "toolauthd, standard error", "/proc/PID/cmdline", "/proc/PID/environ", "backups"}
        wanted |= {"state", "systemctl", "journal", "standard error", "metrics"}
        self.assertEqual(self.emitted.places(), wanted)
        size = sum(len(piece.data) for piece in self.emitted.pieces)
        print(
            f"  {len(self.secrets.by_name())} secrets in {len(self.emitted.pieces)} pieces, {size >> 10} KiB",
            file=sys.stderr,
        )
        complaints = self.emitted.complaints(self.secrets)
        self.assertEqual(complaints, [], "\n".join(["", *complaints]))

    def test_17_the_same_search_finds_there_what_is_no_secret(self) -> None:
        search = Search({"user": USER_PREFIX})
        seen = {piece.place.partition(":")[0] for piece in self.emitted.pieces if search.find(piece.place, piece.data)}
        wanted = {"API answers", "events", "toolauthctl", "backups", "state", "journal", "standard error"}
        self.assertEqual(wanted - seen, set())


if __name__ == "__main__":
    unittest.main(failfast=True)
