"""The proxy itself, the control API, and how the server begins and ends."""

import http.client
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from typing import Any

from catalogue.tests.harness import HABITS, PACKAGE, CatalogueTestCase, Process, form
from serving.asking import basic


class ProxyTests(CatalogueTestCase):
    provider = "robot"

    def raw(self, request: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.server.info["proxy_port"]), 10) as connection:
            connection.sendall(request)
            received = b""
            while piece := connection.recv(4096):
                received += piece
            return received

    def test_a_host_of_no_habit_is_forbidden(self) -> None:
        for target in (b"elsewhere.example:443", b"robot.example:444", b"127.0.0.1:443"):
            reply = self.raw(b"CONNECT " + target + b" HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertTrue(reply.startswith(b"HTTP/1.1 403 Forbidden\r\n"), reply)

    def test_what_is_no_request_is_refused(self) -> None:
        for request in (
            b"CONNECT robot.example HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET /control/habits HTTP/1.0\r\nHost: x\r\n\r\n",
            b"GET /control/habits HTTP/1.1\r\n\r\n",
            b"GET /control/habits HTTP/1.1\r\nHost: x\r\nbad\r\n\r\n",
            b"POST /control/check HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        ):
            with self.subTest(request):
                self.assertTrue(self.raw(request).startswith(b"HTTP/1.1 400 Bad Request\r\n"))

    def test_a_tunnel_leads_to_one_host(self) -> None:
        tunnel = self.server.tunnel("robot.example")
        tunnel.request("GET", "/", headers={"Host": "till.example"})
        self.assertEqual(tunnel.getresponse().status, 421)
        tunnel.close()
        self.assert_problems("the Host header is 'till.example' in a tunnel to robot.example:443")

    def test_the_certificate_is_for_the_habits_hosts(self) -> None:
        for host in ("login.acme.example", "graph.postcard.example"):
            tunnel = self.server.tunnel(host)
            tunnel.connect()
            certificate: Any = tunnel.sock.getpeercert()
            names = {value for _, value in certificate["subjectAltName"]}
            tunnel.close()
            self.assertIn(host, names)

    @unittest.skipUnless(shutil.which("curl"), "there is no curl")
    def test_curl_verifies_it(self) -> None:
        options = ["--silent", "--show-error", "--proxy", self.server.info["proxy"], "--cacert"]
        url = "https://login.acme.example/eu/.well-known/openid-configuration"
        shown = subprocess.run(
            ["curl", "-q", *options, self.server.info["ca_file"], url], check=True, capture_output=True, timeout=60
        )
        self.assertEqual(json.loads(shown.stdout)["issuer"], "https://login.acme.example/eu")

    def test_a_path_of_no_endpoint_is_a_problem(self) -> None:
        self.assertEqual(self.server.send("POST", "https://robot.example/tokem", "").status, 404)
        self.assert_problems("POST https://robot.example/tokem: there is no such endpoint")

    def test_a_connection_takes_many_requests(self) -> None:
        tunnel = self.server.tunnel("robot.example")
        body, headers = form({"grant_type": "client_credentials", "scope": "move"})
        headers |= basic(self.client_id, self.secret)
        for _ in range(5):
            tunnel.request("POST", "/token", body, headers)
            reply = tunnel.getresponse()
            self.assertEqual((reply.status, reply.headers["Connection"]), (200, "keep-alive"))
            reply.read()
        tunnel.request("POST", "/token", iter([body.encode()]), headers, encode_chunked=True)
        self.assertEqual(tunnel.getresponse().status, 200)
        tunnel.close()

    def test_hundreds_of_connections_at_once(self) -> None:
        body, headers = form({"grant_type": "client_credentials", "scope": "move"})
        headers |= basic(self.client_id, self.secret)
        everybody = threading.Barrier(300)
        statuses: list[int] = []

        def ask() -> None:
            tunnel = self.server.tunnel("robot.example", timeout=60)
            try:
                tunnel.connect()
                everybody.wait(60)
                tunnel.request("POST", "/token", body, headers)
                statuses.append(tunnel.getresponse().status)
            except OSError:
                everybody.abort()
                raise
            finally:
                tunnel.close()

        threads = [threading.Thread(target=ask, daemon=True) for _ in range(300)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(statuses, [200] * 300)
        self.assertEqual(self.report["refreshes"], 300)


class ControlTests(CatalogueTestCase):
    provider = "robot"

    def test_habits_are_told_as_they_are_in_their_files(self) -> None:
        habits = self.server.control("GET", "habits")
        self.assertEqual(habits.keys(), {path.stem for path in HABITS.glob("*.json")})
        source = json.loads((HABITS / "globe.json").read_text())
        self.assertEqual(habits["globe"], source | {"name": "globe", "hosts": ["api.globe.example", "globe.example"]})

    def test_every_provider_is_reported(self) -> None:
        reports = self.server.control("GET", "providers")
        self.assertEqual(reports.keys(), self.server.control("GET", "habits").keys())
        self.assertEqual(reports["robot"]["provider"], "robot")

    def test_clients_are_listed(self) -> None:
        self.assertIn(self.client, self.server.control("GET", "clients?provider=robot"))

    def test_fresh_secrets_need_encoding(self) -> None:
        self.assertRegex(self.secret, r"[+/=&%]")

    def test_what_makes_no_sense_is_refused_in_words(self) -> None:
        known = {"provider": "robot", "client_id": self.client_id}
        for method, path, body, message in (
            ("POST", "clients", {}, "provider is missing"),
            ("POST", "clients", {"provider": "nobody"}, "there is no provider nobody"),
            ("POST", "clients", {"provider": "robot", "secret": "s"}, "there is no secret here"),
            ("POST", "clients", {"provider": "robot", "client_id": 7}, "client_id is no text"),
            ("POST", "clients", {"provider": "robot", "redirect_uris": []}, "redirect_uris is no list of URIs"),
            ("POST", "clients", [], "the body is no JSON object"),
            ("POST", "approve", {"provider": "robot"}, "url is missing"),
            ("POST", "errors", known | {"index": 3}, "index is none of the 3 errors of robot"),
            ("POST", "errors", known | {"index": 0, "times": 0}, "times is no number from 1"),
            ("POST", "errors", {"provider": "robot", "client_id": "x", "index": 0}, "there is no client x at robot"),
            ("POST", "check", {"provider": "robot"}, "access_token is missing"),
            ("GET", "providers/nobody", None, "there is no provider nobody"),
            ("GET", "tokens?provider=%", None, "a % that begins no escape"),
        ):
            with self.subTest(path=path, body=body):
                answer = self.server.ask(method, path, body)
                self.assertEqual((answer.status, answer.json), (400, {"error": message}))
        self.assertEqual(self.server.ask("GET", "nothing").status, 404)
        self.assertEqual(self.server.ask("PATCH", "habits").status, 404)

    def test_a_token_never_given_is_not_current(self) -> None:
        self.assertEqual(self.check("x"), {"known": False, "current": False, "alive": False, "issued": 0})

    def test_other_paths_are_not_there(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.info["control_port"], timeout=10)
        connection.request("GET", "/")
        self.assertEqual(connection.getresponse().status, 404)
        connection.close()


class LifetimeTests(unittest.TestCase):
    def test_it_ends_with_its_input(self) -> None:
        self.assertEqual(Process().stop(), 0)

    def test_it_ends_when_told(self) -> None:
        server = Process()
        tunnel = server.tunnel("robot.example")
        tunnel.connect()
        self.addCleanup(tunnel.close)
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(server.process.wait(10), 0)
        server.stop()

    def test_it_ends_with_its_parent(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            server = [sys.executable, str(PACKAGE), str(HABITS), "--directory", directory]
            starts = (
                "import subprocess, sys\n"
                "server = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE)\n"
                "print(server.stdout.readline().decode())\n"
            )
            # Its input stays open: this test has the other end.
            reading, writing = os.pipe()
            started = subprocess.run(
                [sys.executable, "-W", "ignore", "-c", starts, *server],
                stdin=reading,
                stdout=subprocess.PIPE,
                check=True,
                timeout=60,
            )
            pid = json.loads(started.stdout)["pid"]
            self.assertTrue(_ends(pid, 20), "expected the server to end with its parent")
            os.close(reading)
            os.close(writing)

    def test_it_keeps_running_where_it_is_to(self) -> None:
        server = Process(HABITS, "--keep-running")
        assert server.process.stdin is not None
        server.process.stdin.close()
        self.assertEqual(server.ask("GET", "habits").status, 200)
        server.process.send_signal(signal.SIGTERM)
        server.stop()


def _ends(pid: int, within: float) -> bool:
    """Whether a process ends in so many seconds; it is nobody's child here."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    with open(process, "rb", buffering=0):
        return bool(select.select([process], [], [], within)[0])
