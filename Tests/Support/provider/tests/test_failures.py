"""Failures on order, and the process itself."""

import base64
import http.client
import signal
import socket
import ssl
import threading
import time
import unittest
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from provider.tests.harness import Process, ProviderTestCase


class FailureTests(ProviderTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.refresh_token = self.tokens()["refresh_token"]

    def refreshed(self) -> bool:
        """Whether the server moved on to another refresh token."""
        return int(self.counters["rotations"]) > 0

    def test_the_connection_closes_before_or_after_the_rotation(self) -> None:
        for kind, error in (("close", http.client.RemoteDisconnected), ("reset", ConnectionError)):
            for when in ("before", "after"):
                with self.subTest(kind=kind, when=when):
                    self.setUp()
                    self.spoil({"kind": kind, "when": when})
                    with self.assertRaises(error):
                        self.refresh(self.refresh_token)
                    self.assertEqual(self.refreshed(), when == "after")
                    self.assertEqual(self.counters["failures"], {kind: 1})
                    self.assertEqual(self.counters["grant_types"]["refresh_token"], 1)

    def test_half_a_reply_is_cut_off(self) -> None:
        self.spoil({"kind": "half_reply"})
        with self.assertRaises(http.client.IncompleteRead):
            self.refresh(self.refresh_token)
        self.assertTrue(self.refreshed())

    def test_silence_lasts_until_the_client_goes_away(self) -> None:
        self.spoil({"kind": "silence"})
        connection = self.provider.connect()
        connection.timeout = 0.2
        connection.request("POST", "/token", "grant_type=refresh_token")
        with self.assertRaises(TimeoutError):
            connection.getresponse()
        connection.close()

    def test_a_status_comes_with_retry_after(self) -> None:
        self.spoil(
            {"kind": "status", "status": 429, "retry_after": 7},
            {"kind": "status", "retry_after": 3600, "retry_after_form": "date"},
            {"kind": "status", "status": 408},
        )
        first, second, third = (self.refresh(self.refresh_token) for _ in range(3))
        self.assertEqual((first.status, first.headers["Retry-After"]), (429, "7"))
        self.assertEqual(second.status, 503)
        seconds = parsedate_to_datetime(second.headers["Retry-After"]).timestamp() - time.time()
        self.assertAlmostEqual(seconds, 3600, delta=30)
        self.assertEqual((third.status, third.headers["Retry-After"]), (408, None))
        self.assertEqual(self.refresh(self.refresh_token).status, 200)

    def test_bodies_are_wrong_in_every_way(self) -> None:
        for rule, status, content_type, start in (
            ({"kind": "html"}, 200, "text/html; charset=utf-8", b"<!doctype html>"),
            ({"kind": "html", "status": 502}, 502, "text/html; charset=utf-8", b"<!doctype html>"),
            ({"kind": "empty"}, 200, "application/json", b""),
            ({"kind": "array"}, 200, "application/json", b"["),
            ({"kind": "broken_json"}, 200, "application/json", b"{"),
            ({"kind": "error", "error": "strange"}, 400, "application/json", b'{"error": "strange"}'),
            ({"kind": "error", "error": "invalid_client"}, 401, "application/json", b"{"),
            ({"kind": "error", "error": "x", "status": 503}, 503, "application/json", b"{"),
            ({"kind": "content_type"}, 200, "text/html", b'{"access_token"'),
        ):
            with self.subTest(rule):
                self.spoil(rule)
                answer = self.refresh(self.refresh_token)
                self.assertEqual((answer.status, answer.headers["Content-Type"]), (status, content_type))
                self.assertTrue(answer.body.startswith(start), answer.body)

    def test_an_error_repeats_what_was_sent(self) -> None:
        token = self.refresh_token
        for rule, description in (
            ({"repeat": "refresh_token"}, token),
            ({"repeat": "refresh_token", "error_description": "unknown: "}, f"unknown: {token}"),
            ({"repeat": "refresh_token", "spelled": "half"}, token[: len(token) // 2]),
            ({"repeat": "refresh_token", "spelled": "hex"}, token.encode().hex()),
            ({"repeat": "refresh_token", "spelled": "base64"}, base64.b64encode(token.encode()).decode()),
            ({"repeat": "grant_type", "spelled": "base64url"}, "cmVmcmVzaF90b2tlbg=="),
            ({"repeat": "refresh_token", "spelled": "url"}, quote(token, safe="")),
            ({"repeat": "refresh_token", "spelled": "url_in_percent"}, f"100% {quote(token, safe='')}%2"),
        ):
            with self.subTest(rule):
                self.spoil({"kind": "echo", **rule})
                self.assertEqual(self.refresh(token).json["error_description"], description)
        self.spoil({"kind": "echo", "error": "invalid_client"}, {"kind": "echo", "repeat": "code"})
        whole = self.refresh(token)
        self.assertEqual((whole.status, whole.json["error"]), (401, "invalid_client"))
        self.assertRegex(whole.json["error_description"], rf"^Basic \S+ .*refresh_token={token}")
        self.assertEqual(self.refresh(token).json, {"error": "server_error"})
        self.assertFalse(self.refreshed())

    def test_a_body_is_too_big(self) -> None:
        for chunked in (False, True):
            self.spoil({"kind": "big", "size": 3_000_000, "chunked": chunked})
            answer = self.refresh(self.refresh_token)
            self.assertEqual(len(answer.body), 3_000_000)
            self.assertEqual(answer.headers["Transfer-Encoding"], "chunked" if chunked else None)
            self.assertEqual(answer.json["access_token"], "big")

    def test_a_redirect_is_counted_when_followed(self) -> None:
        for status in (302, 307):
            self.spoil({"kind": "redirect", "status": status})
            answer = self.refresh(self.refresh_token)
            self.assertEqual((answer.status, answer.headers["Location"]), (status, "/redirected"))
        self.assertEqual(self.counters["redirects_followed"], 0)
        self.provider.post(f"{self.info['issuer']}/redirected", {})
        self.assertEqual(self.counters["redirects_followed"], 1)

    def test_a_member_of_the_reply_is_changed_or_left_out(self) -> None:
        self.spoil({"kind": "member"})
        reply = self.refresh(self.refresh_token).json
        self.assertNotIn("access_token", reply)
        self.spoil({"kind": "member", "value": 12345})
        self.assertEqual(self.refresh(reply["refresh_token"]).json["access_token"], 12345)

    def test_a_rule_says_which_requests_fail_and_how_often(self) -> None:
        bob = self.tokens(login_hint="bob")["refresh_token"]
        self.set(rotation="none")
        self.spoil({"kind": "status", "user": "alice", "skip": 1, "count": 2})
        self.assertEqual([self.refresh(self.refresh_token).status for _ in range(4)], [200, 503, 503, 200])
        self.spoil({"kind": "status", "user": "alice", "count": None})
        self.assertEqual(self.refresh(bob).status, 200)
        self.assertEqual([self.refresh(self.refresh_token).status for _ in range(3)], [503] * 3)
        self.provider.control("DELETE", "failures")
        self.assertEqual(self.refresh(self.refresh_token).status, 200)
        self.spoil({"kind": "status", "grant_type": "authorization_code"})
        self.assertEqual(self.refresh(bob).status, 200)
        self.assertEqual(self.exchange(self.callback()["code"]).status, 503)
        self.assertEqual(self.counters["users"]["bob"]["refresh_token"], 2)

    def test_the_second_request_of_a_connection_can_fail(self) -> None:
        self.provider.connection.close()
        self.set(rotation="none")
        self.spoil({"kind": "close", "connection_request": 2})
        self.assertEqual(self.refresh(self.refresh_token).status, 200)
        with self.assertRaises(http.client.RemoteDisconnected):
            self.refresh(self.refresh_token)
        self.assertEqual(self.counters["grant_types"]["refresh_token"], 2)

    def test_latency_is_for_all_or_for_one_user(self) -> None:
        self.set(latency=0.05, rotation="none")
        started = time.monotonic()
        self.refresh(self.refresh_token)
        self.assertGreaterEqual(time.monotonic() - started, 0.05)
        self.set(latency=0)
        self.spoil({"kind": "latency", "seconds": 0.1, "user": "alice"})
        started = time.monotonic()
        self.assertEqual(self.refresh(self.refresh_token).status, 200)
        self.assertGreaterEqual(time.monotonic() - started, 0.1)

    def test_concurrent_requests_are_counted(self) -> None:
        self.set(latency=0.2)
        threads = [threading.Thread(target=self.request_token) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(self.counters["concurrent_maximum"]["token"], 5)
        self.assertEqual(self.counters["concurrent"]["token"], 0)

    def request_token(self) -> None:
        connection = self.provider.connect()
        connection.request("POST", "/token", "")
        connection.getresponse().read()
        connection.close()

    def test_requests_are_kept_as_they_came(self) -> None:
        self.refresh(self.refresh_token)
        logged = self.provider.control("GET", "requests?endpoint=token&grant_type=refresh_token")
        self.assertEqual(len(logged), 1)
        self.assertEqual(logged[0]["body"], f"grant_type=refresh_token&refresh_token={self.refresh_token}")
        self.assertEqual(logged[0]["user"], "alice")

    def test_connections_are_counted_and_closed(self) -> None:
        self.provider.connection.close()
        self.provider.control("POST", "reset")
        self.visit()
        self.visit()
        self.assertEqual(self.counters["connections_accepted"], 1)
        self.provider.control("DELETE", "connections")
        with self.assertRaises((ConnectionError, ssl.SSLError, http.client.RemoteDisconnected)):
            self.visit()
        self.set(requests_per_connection=1)
        self.visit()
        self.visit()
        self.assertEqual(self.counters["connections_accepted"], 3)

    def test_the_server_can_be_down_and_up_again(self) -> None:
        self.provider.control("POST", "listening", {"listening": False})
        self.provider.connection.close()
        with self.assertRaises(ConnectionRefusedError):
            self.visit()
        self.provider.control("POST", "listening", {"listening": True})
        self.assertEqual(self.visit().status, 302)

    def test_control_consents_and_grants_in_the_users_place(self) -> None:
        url = f"{self.info['authorization_endpoint']}?{self.authorization_request()}"
        location = self.provider.control("POST", "consent", {"url": url, "user": "bob"})["location"]
        self.assertTrue(location.startswith(f"{self.redirect_uri}?code="))
        granted = self.provider.control("POST", "grants", {"user": "bob", "scope": "read", "expires_in": 5})
        self.assertEqual((granted["expires_in"], granted["scope"]), (5, "read"))
        self.assertEqual(self.whoami(granted["access_token"]).json["user"], "bob")
        self.assertEqual(self.refresh(granted["refresh_token"]).status, 200)
        listed = self.provider.control("GET", f"grants?grant_id={granted['grant_id']}")[0]
        self.assertEqual([token["spent"] for token in listed["refresh_tokens"]], [True, False])

    def test_a_client_can_be_registered_and_its_secret_changed(self) -> None:
        changed = {"client_id": self.info["client_id"], "client_secrets": ["new"]}
        self.provider.control("PUT", "clients", changed)
        self.assert_refused(self.refresh(self.refresh_token), "invalid_client", 401)


class ProcessTests(unittest.TestCase):
    def test_it_ends_with_its_standard_input(self) -> None:
        self.assertEqual(Process("--http").stop(), 0)

    def test_it_ends_on_sigterm(self) -> None:
        process = Process("--http")
        process.process.send_signal(signal.SIGTERM)
        self.assertEqual(process.process.wait(10), 0)
        process.stop()

    def test_switches_and_failures_are_set_when_it_starts(self) -> None:
        process = Process("--http", "--set", "rotation=none", "--set", "lifetime=9", "--fail", '{"kind": "empty"}')
        self.addCleanup(process.stop)
        switches = process.control("GET", "switches")
        self.assertEqual((switches["rotation"], switches["lifetime"]), ("none", 9))
        self.assertEqual(len(process.control("GET", "failures")), 1)

    def test_bad_certificates_are_refused(self) -> None:
        for kind in ("expired", "wrong_host", "untrusted"):
            with self.subTest(kind):
                process = Process("--certificate", kind)
                self.addCleanup(process.stop)
                with self.assertRaises(ssl.SSLCertVerificationError):
                    process.send("GET", process.info["issuer"])

    def test_a_connection_is_reset_or_closed_in_order(self) -> None:
        # Over plain TCP, for Python's TLS takes a reset for an end.
        process = Process("--http", "--fail", '{"kind": "reset"}', "--fail", '{"kind": "close"}')
        self.addCleanup(process.stop)
        for is_reset in (True, False):
            with socket.create_connection(("127.0.0.1", process.info["port"]), 5) as connection:
                connection.sendall(b"POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
                if is_reset:
                    with self.assertRaises(ConnectionResetError):
                        connection.recv(1000)
                else:
                    self.assertEqual(connection.recv(1000), b"")

    def test_what_is_no_http_is_refused(self) -> None:
        process = Process("--http")
        self.addCleanup(process.stop)
        for text in (
            b"HELLO\r\n\r\n",
            b"GET / HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
        ):
            with self.subTest(text), socket.create_connection(("127.0.0.1", process.info["port"]), 5) as connection:
                connection.sendall(text)
                self.assertTrue(connection.recv(1000).startswith(b"HTTP/1.1 400 "))

    def test_chunked_bodies_are_read(self) -> None:
        process = Process("--http")
        self.addCleanup(process.stop)
        process.connection.request("POST", "/token", iter([b"grant_type=", b"x"]), encode_chunked=True)
        self.assertEqual(process.connection.getresponse().status, 400)
        self.assertEqual(process.control("GET", "requests")[0]["body"], "grant_type=x")
