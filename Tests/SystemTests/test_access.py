"""Who may do what, with real users and units under the hardened service: run by run.sh, inside a booted system."""

from __future__ import annotations

import array
import ctypes
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import sys
import unittest
from pathlib import Path
from typing import Any

from service import ctl, eventually, journal, prepare, property_of, run

API = "/run/toolauthd/api.sock"
ALICE, BOB = "/v1/tools/mail/users/alice", "/v1/tools/mail/users/bob"

CONFIGURATION = """
clients:
  - name: unit-agents
    match: {unit: agents.service}
    allow: {actions: [token, read, status, events], tools: [mail], users: [alice]}
  - name: unit-jobs
    match: {unit: jobs.service}
    allow: {actions: [status], tools: ["*"], users: ["*"]}
  - name: user-bob
    match: {user: bob}
    allow: {actions: [token, read], tools: ["*"], users: [bob]}
  - name: group-readers
    match: {group: readers}
    allow: {actions: [read], tools: ["*"], users: ["*"]}
"""

TOOL = """
mail:
  client_id: client
  client_secret: {file: secret}
  redirect_uris: ["http://127.0.0.1:8790/callback"]
  provider:
    authorization: {endpoint: "https://id.example.com/authorize"}
    token: {endpoint: "https://id.example.com/token"}
"""

#: One that every user may run, which this one may lie where only root looks.
PYTHON = "/usr/bin/python3" if os.access("/usr/bin/python3", os.X_OK) else sys.executable

#: Asks for what it is given, a method and a target each, and prints the statuses.
ASK = """
import http.client, socket, sys
class Connection(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect("/run/toolauthd/api.sock")
for call in sys.argv[1:]:
    connection = Connection("localhost")
    connection.request(*call.split(" "))
    print(connection.getresponse().status)
"""

#: Connects, and hands its connection to whoever listens at the path given.
HAND_OVER = """
import array, socket, sys
connection = socket.socket(socket.AF_UNIX)
connection.connect("/run/toolauthd/api.sock")
other = socket.socket(socket.AF_UNIX)
other.connect(sys.argv[1])
other.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [connection.fileno()]))])
other.recv(1)
"""


#: Connects in a child that ends, and asks by itself for what it is given; twenty times, for who accepts may come first.
LET_A_CHILD_CONNECT = """
import os, socket, sys
for _ in range(20):
    connections = [socket.socket(socket.AF_UNIX) for _ in range(5)]
    child = os.fork()
    if child == 0:
        for connection in connections:
            connection.connect("/run/toolauthd/api.sock")
        os._exit(0)
    os.waitpid(child, 0)
    connections[-1].sendall(f"GET {sys.argv[1]} HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n".encode())
    print(int(connections[-1].recv(65536).split(b" ", 2)[1]))
    for connection in connections:
        connection.close()
"""


def statuses(*calls: str, prefix: list[str]) -> list[int]:
    done = run(*prefix, PYTHON, "-c", ASK, *calls)
    return [int(line) for line in done.stdout.split()]


def in_unit(unit: str, user: str, *command: str) -> list[str]:
    options = ["--quiet", "--pipe", "--wait", "--collect", f"--unit={unit}", f"--uid={user}"]
    return ["systemd-run", *options, *command]


def ask_on(connection: socket.socket, target: str) -> tuple[int, bytes]:
    connection.settimeout(20)
    connection.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    answer = b""
    while data := connection.recv(65536):
        answer += data
    return int(answer.split(b" ", 2)[1]), answer


def received(listener: socket.socket) -> tuple[socket.socket, socket.socket]:
    """A connection that somebody hands over, and he himself, who waits until he is closed."""
    peer, _ = listener.accept()
    _, ancillary, _, _ = peer.recvmsg(1, socket.CMSG_SPACE(4))
    descriptors = array.array("i")
    descriptors.frombytes(ancillary[0][2])
    return socket.socket(fileno=descriptors[0]), peer


def knows_peers_by_handle() -> bool:
    """Whether the kernel knows SO_PEERPIDFD."""
    one, other = socket.socketpair()
    with one, other:
        try:
            os.close(one.getsockopt(socket.SOL_SOCKET, 77))
        except OSError:
            return False
    return True


class CloneArguments(ctypes.Structure):
    """struct clone_args of clone3(2)."""

    _fields_ = [
        (name, ctypes.c_uint64)
        for name in (
            *("flags", "pidfd", "child_tid", "parent_tid", "exit_signal", "stack", "stack_size", "tls"),
            *("set_tid", "set_tid_size", "cgroup"),
        )
    ]


def fork_with_number(number: int) -> int:
    """As fork(2), for a child with this process id, which must be free."""
    wanted = (ctypes.c_int * 1)(number)
    arguments = CloneArguments(exit_signal=signal.SIGCHLD, set_tid=ctypes.addressof(wanted), set_tid_size=1)
    libc = ctypes.CDLL(None, use_errno=True)
    child = int(libc.syscall(435, ctypes.byref(arguments), ctypes.sizeof(arguments)))
    if child < 0:
        raise OSError(ctypes.get_errno(), f"no process could be given the number {number}")
    return child


class AccessTests(unittest.TestCase):
    """The daemon runs as its unit has it, hardening and all."""

    @classmethod
    def setUpClass(cls) -> None:
        prepare()
        run("groupadd", "readers")
        for user in ("alice", "bob"):
            run("useradd", "--no-create-home", user)
        run("useradd", "--no-create-home", "--groups", "readers", "bob-reading")
        config = Path("/etc/toolauthd")
        (config / "tools.d").mkdir(parents=True, exist_ok=True)
        (config / "toolauthd.yaml").write_text(CONFIGURATION)
        (config / "tools.d" / "mail.yaml").write_text(TOOL)
        secret = config / "secret"
        secret.write_text("client-secret")
        secret.chmod(0o600)
        shutil.chown(secret, "toolauthd")
        drop_in = Path("/etc/systemd/system/toolauthd.socket.d/open.conf")
        drop_in.parent.mkdir(parents=True, exist_ok=True)
        # The rules decide.
        drop_in.write_text("[Socket]\nSocketMode=0666\n")
        run("systemctl", "daemon-reload")
        run("systemctl", "start", "toolauthd.socket", "toolauthd-callback.socket")
        for user in ("alice", "bob"):
            ctl("import", "mail", user, stdin=json.dumps({"access_token": f"token-{user}", "expires_in": 3600}))

    @classmethod
    def tearDownClass(cls) -> None:
        run("systemctl", "stop", "toolauthd.socket", "toolauthd-callback.socket", "toolauthd.service", check=False)

    def listener(self) -> tuple[socket.socket, str]:
        path = f"/run/hand-over-{os.getpid()}.sock"
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        os.chmod(path, 0o666)
        listener.listen()
        listener.settimeout(20)
        self.addCleanup(os.unlink, path)
        self.addCleanup(listener.close)
        return listener, path

    def test_a_unit_may_what_its_rule_allows_and_no_more(self) -> None:
        calls = [
            *(f"GET {ALICE}/token", f"GET {ALICE}", "GET /v1/tools", "GET /v1/status"),
            *(f"GET {BOB}/token", f"GET {BOB}", f"POST {ALICE}/refresh", f"DELETE {ALICE}", "POST /v1/resume"),
        ]
        seen = statuses(*calls, prefix=in_unit("agents.service", "alice"))
        self.assertEqual(seen, [200, 200, 200, 200, 403, 403, 403, 403, 403])

    def test_the_same_user_outside_of_the_unit_may_nothing(self) -> None:
        calls = [f"GET {ALICE}/token", "GET /v1/tools", "GET /healthz"]
        self.assertEqual(statuses(*calls, prefix=["runuser", "-u", "alice", "--"]), [403, 403, 200])
        self.assertEqual(statuses(*calls, prefix=in_unit("others.service", "alice")), [403, 403, 200])

    def test_users_and_groups_may_what_their_rules_allow(self) -> None:
        calls = [f"GET {BOB}/token", f"GET {ALICE}/token", f"GET {ALICE}", f"GET {BOB}"]
        self.assertEqual(statuses(*calls, prefix=["runuser", "-u", "bob", "--"]), [200, 403, 403, 200])
        self.assertEqual(statuses(*calls, prefix=["runuser", "-u", "bob-reading", "--"]), [403, 403, 200, 200])
        self.assertEqual(statuses(*calls, prefix=["runuser", "-u", "nobody", "--"]), [403, 403, 403, 403])

    def test_lists_show_nothing_of_other_users(self) -> None:
        ask = "import json,sys; from subprocess import run; " + (
            "print(run(['curl','-s','--unix-socket','%s','http://x/v1/auths'],capture_output=True,text=True).stdout)"
            % API
        )
        shown = run(*in_unit("agents.service", "alice"), PYTHON, "-c", ask).stdout
        self.assertEqual([record["user_id"] for record in json.loads(shown)["auths"]], ["alice"])
        self.assertNotIn("bob", shown)
        status = run(*in_unit("agents.service", "alice"), "toolauthctl", "status", "--json").stdout
        self.assertEqual(json.loads(status)["tools"][0]["records"]["healthy"], 1)

    def test_another_users_process_in_the_unit_is_not_the_unit(self) -> None:
        unit = subprocess.Popen(in_unit("agents.service", "alice", "sleep", "60"))
        try:
            eventually(lambda: property_of("agents.service", "ActiveState") == "active", 20, "the unit to run")
            group = Path("/sys/fs/cgroup" + property_of("agents.service", "ControlGroup")) / "cgroup.procs"

            def join() -> None:
                group.write_text(str(os.getpid()))
                account = pwd.getpwnam("nobody")
                os.setgroups([])
                os.setgid(account.pw_gid)
                os.setuid(account.pw_uid)

            command = [PYTHON, "-c", ASK, f"GET {ALICE}/token"]
            done = subprocess.run(command, preexec_fn=join, capture_output=True, text=True, check=True)
            self.assertEqual(done.stdout.split(), ["403"])
        finally:
            run("systemctl", "stop", "agents.service", check=False)
            unit.wait()

    def test_a_process_that_ends_does_not_leave_its_units_rule(self) -> None:
        """Outside of the unit, bob has a rule of his own, which comes later."""
        self.assertEqual(statuses(f"GET {BOB}/token", prefix=in_unit("jobs.service", "bob")), [403])
        self.assertEqual(statuses(f"GET {BOB}/token", prefix=["runuser", "-u", "bob", "--"]), [200])
        done = run(*in_unit("jobs.service", "bob"), PYTHON, "-c", LET_A_CHILD_CONNECT, f"{BOB}/token")
        self.assertEqual(done.stdout.split(), ["403"] * 20)

    def test_what_is_left_of_a_unit_does_not_leave_its_rule(self) -> None:
        """A unit that has ended tells no user; its processes may outlive it."""
        # Nothing that was said of the unit before is remembered.
        run("systemctl", "restart", "toolauthd.service")
        with tempfile.TemporaryDirectory() as directory:
            os.chmod(directory, 0o755)
            gate = Path(directory) / "gate"
            os.mkfifo(gate)
            gate.chmod(0o644)
            code = f"open({str(gate)!r}).read()\n" + ASK
            left = ["sh", "-c", '"$@" & :', "sh", PYTHON, "-c", code, f"GET {BOB}/token"]
            command = in_unit("jobs.service", "bob", *left)
            asking = subprocess.Popen(
                [*command[:1], "--property=KillMode=process", *command[1:]], stdout=subprocess.PIPE, text=True
            )
            with gate.open("w"):
                # It is open on the other side, too: the process that is left runs.
                eventually(lambda: property_of("jobs.service", "MainPID") == "0", 20, "the unit to end")
            self.assertEqual(asking.communicate(timeout=30)[0].split(), ["403"])

    def test_a_connection_handed_over_stays_whose_it_was(self) -> None:
        listener, path = self.listener()
        unit = subprocess.Popen(in_unit("agents.service", "alice", PYTHON, "-c", HAND_OVER, path))
        connection, giver = received(listener)
        with connection, giver:
            status, answer = ask_on(connection, f"{ALICE}/token")
        self.assertEqual(status, 200, answer)
        unit.wait()
        stranger = subprocess.Popen(["runuser", "-u", "nobody", "--", PYTHON, "-c", HAND_OVER, path])
        connection, giver = received(listener)
        # We are root; whoever connected was not.
        with connection, giver:
            self.assertEqual(ask_on(connection, f"{ALICE}/token")[0], 403)
        stranger.wait()

    @unittest.skipUnless(knows_peers_by_handle(), "this kernel (before 6.5) gives no handle on who connected")
    def test_a_process_with_the_number_of_one_that_has_ended_is_not_taken_for_it(self) -> None:
        unit = subprocess.Popen(in_unit("agents.service", "alice", "sleep", "60"))
        daemon = int(property_of("toolauthd.service", "MainPID"))
        try:
            eventually(lambda: property_of("agents.service", "ActiveState") == "active", 20, "the unit to run")
            group = Path("/sys/fs/cgroup" + property_of("agents.service", "ControlGroup")) / "cgroup.procs"
            account = pwd.getpwnam("alice")
            # The daemon does not accept while it is stopped: whoever connects is gone before it looks.
            os.kill(daemon, signal.SIGSTOP)
            ours, theirs = socket.socketpair()
            first = os.fork()
            if first == 0:
                os.setgid(account.pw_gid)
                os.setuid(account.pw_uid)
                connection = socket.socket(socket.AF_UNIX)
                connection.connect(API)
                socket.send_fds(theirs, [b"x"], [connection.fileno()])
                os._exit(0)
            _, descriptors, _, _ = socket.recv_fds(ours, 1, 1)
            os.waitpid(first, 0)
            second = self.fork_as(first, group, account)
            self.addCleanup(self.end, second)
            os.kill(daemon, signal.SIGCONT)
            with socket.socket(fileno=descriptors[0]) as connection:
                self.assertEqual(ask_on(connection, f"{ALICE}/token")[0], 403)
        finally:
            os.kill(daemon, signal.SIGCONT)
            run("systemctl", "stop", "agents.service", check=False)
            unit.wait()

    def fork_as(self, number: int, group: Path, account: Any) -> int:
        """A process of the unit with this very number."""
        child = fork_with_number(number)
        if child == 0:
            group.write_text(str(number))
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)
            signal.pause()
            os._exit(0)
        eventually(lambda: str(number) in group.read_text().split(), 10, "the process to join the unit")
        return child

    def end(self, child: int) -> None:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)

    def test_tokens_handed_out_are_audited(self) -> None:
        statuses(f"GET {ALICE}/token", prefix=in_unit("agents.service", "alice"))
        entries = [entry for entry in journal("TOOLAUTH_RULE=unit-agents") if "TOOLAUTH_PEER_UNIT" in entry]
        self.assertTrue(entries)
        self.assertEqual(entries[-1]["TOOLAUTH_PEER_UNIT"], "agents.service")
        self.assertEqual(entries[-1]["TOOLAUTH_USER"], "alice")
        self.assertEqual(entries[-1]["TOOLAUTH_PEER_UID"], str(pwd.getpwnam("alice").pw_uid))
        self.assertNotIn("token-alice", json.dumps(journal()))

    def test_browsers_come_back_to_the_callback_socket(self) -> None:
        page = run("curl", "--silent", "--include", "http://127.0.0.1:8790/callback?state=x&code=y").stdout
        self.assertIn("HTTP/1.1 400", page)
        self.assertIn("text/html", page)
        self.assertIn("Content-Security-Policy: default-src 'none'", page)
        other = run("curl", "--silent", "--include", "http://127.0.0.1:8790/v1/status").stdout
        self.assertIn("HTTP/1.1 404", other)

    def test_check_explains_the_rules(self) -> None:
        told = run("toolauthd", "--check", check=False).stdout
        self.assertIn(
            "unit-agents: processes in the unit agents.service: token, read, status, events, "
            "for tools mail and users alice",
            told,
        )
        self.assertIn("everyone else: nothing", told)


if __name__ == "__main__":
    unittest.main()
