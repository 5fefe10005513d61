"""The search finds each spelling, whole and in part; and nothing where there is nothing."""

from __future__ import annotations

import base64
import html
import json
import secrets
import unittest
from urllib.parse import quote, quote_plus

from leaks.search import PART, Search
from leaks.spellings import readings

TOKEN = 'c4n/ry+t0k3n=with "all" <that>&is\\escaped€'
RAW = TOKEN.encode()
NOISE = secrets.token_bytes(500)

WHOLE = {
    "raw": RAW,
    "base64": base64.b64encode(RAW),
    "base64 at the second alignment": base64.b64encode(b"a" + RAW),
    "base64 at the third alignment": base64.b64encode(b"ab" + RAW + b"cd"),
    "base64, url-safe": base64.urlsafe_b64encode(RAW),
    "base64, url-safe, at the second alignment": base64.urlsafe_b64encode(b"id:a" + RAW + b"c"),
    "base64, url-safe, at the third alignment": base64.urlsafe_b64encode(b"ab" + RAW),
    "base64 of URL-encoded": base64.b64encode(b"client:" + quote(TOKEN, safe="").encode()),
    "base64 of JSON": base64.b64encode(json.dumps({"token": TOKEN}).encode()),
    "hex": RAW.hex().encode(),
    "hex in capitals": RAW.hex().upper().encode(),
    "hex at an odd place": b"0" + RAW.hex().encode(),
    "URL-encoded": quote(TOKEN, safe="").encode(),
    "URL-encoded in small letters": quote(TOKEN, safe="").lower().encode(),
    "URL-encoded throughout": "".join(f"%{byte:02X}" for byte in RAW).encode(),
    "URL-encoded twice": quote(quote(TOKEN, safe=""), safe="").encode(),
    "form-encoded": quote_plus(TOKEN).encode(),
    "JSON-escaped": json.dumps(TOKEN).encode(),
    "JSON-escaped, without ASCII": json.dumps(TOKEN, ensure_ascii=False).encode(),
    "JSON-escaped throughout": "".join(f"\\u{ord(character):04x}" for character in TOKEN).encode(),
    "JSON-escaped, slashes too": json.dumps(TOKEN).replace("/", "\\/").encode(),
    "JSON in JSON": json.dumps(json.dumps({"token": TOKEN})).encode(),
    "escaped as \\x": "".join(f"\\x{byte:02x}" for byte in RAW[:-3]).encode(),
    "HTML-escaped": html.escape(TOKEN).encode(),
    "HTML-escaped by numbers": "".join(f"&#{ord(character)};" for character in TOKEN[:-1]).encode(),
    "URL-encoded in JSON": json.dumps({"url": "/?token=" + quote(TOKEN, safe="")}).replace("/", "\\/").encode(),
    "a list of numbers": json.dumps(list(RAW)).encode(),
}


class SearchTests(unittest.TestCase):
    def assert_found(self, text: bytes) -> None:
        self.assertEqual(Search({"token": TOKEN}).names("a text", text), {"token"})

    def test_each_spelling_is_found_wherever_it_lies(self) -> None:
        for name, spelled in WHOLE.items():
            for lead in range(14):
                with self.subTest(name, lead=lead):
                    self.assert_found(b"." * lead + spelled)
            with self.subTest(name, among="noise"):
                self.assert_found(NOISE + b" " + spelled + b" " + NOISE)

    def test_any_twelve_consecutive_bytes_are_found(self) -> None:
        # Of one that does not change when it is escaped, so that parts can be cut anywhere.
        plain = secrets.token_urlsafe(40).encode()
        search = Search({"token": plain})
        for start in range(len(plain) - PART + 1):
            part = plain[start : start + PART]
            spelled = {
                "raw": part,
                "hex": part.hex().encode(),
                "HEX": part.hex().upper().encode(),
                "URL-encoded": "".join(f"%{byte:02x}" for byte in part).encode(),
                "JSON-escaped": "".join(f"\\u{byte:04x}" for byte in part).encode(),
                "a list of numbers": json.dumps(list(part)).encode(),
            } | {f"base64 after {lead}": base64.b64encode(b"." * lead + part + b"..") for lead in range(3)}
            for name, text in spelled.items():
                for lead in range(9):
                    with self.subTest(name, start=start, lead=lead):
                        self.assertEqual(search.names("a text", b" " * lead + text + b" "), {"token"})

    def test_fewer_are_not(self) -> None:
        plain = secrets.token_urlsafe(40).encode()
        search = Search({"token": plain})
        for start in range(len(plain) - PART + 1):
            part = plain[start : start + PART - 1]
            with self.subTest(start=start):
                self.assertEqual(search.find("a text", b" " + part + b" "), [])

    def test_nothing_is_found_in_other_text(self) -> None:
        search = Search({f"token {number}": secrets.token_urlsafe(32) for number in range(50)})
        others = [secrets.token_bytes(100_000), base64.b64encode(secrets.token_bytes(100_000))]
        others += [secrets.token_hex(100_000).encode(), json.dumps({"a": list(range(1000))}).encode()]
        for other in others:
            self.assertEqual(search.find("noise", other), [])

    def test_a_finding_names_secret_place_and_spelling_and_shows_nothing(self) -> None:
        plain = "canary-" + secrets.token_urlsafe(20)
        found = Search({"the refresh token": plain, "another": secrets.token_hex(20)}).find("the log", f"x={plain}")
        self.assertEqual(
            [str(finding) for finding in found],
            [f"the refresh token in the log: {len(plain)} characters of it, raw, at 2"],
        )
        self.assertNotIn(plain, repr(found))

    def test_each_of_several_secrets_is_told(self) -> None:
        several = {f"token {number}": secrets.token_urlsafe(32) for number in range(5)}
        text = " ".join(several.values())
        self.assertEqual(Search(several).names("a text", text), set(several))

    def test_a_secret_that_is_too_short_is_refused(self) -> None:
        with self.assertRaisesRegex(ValueError, "the code is too short"):
            Search({"the code": "4711"})

    def test_bytes_and_invalid_text_are_read(self) -> None:
        plain = secrets.token_bytes(32)
        self.assertEqual(Search({"key": plain}).names("a file", NOISE + plain + NOISE), {"key"})
        self.assertEqual(Search({"key": plain}).names("a file", plain.decode("utf-8", "surrogateescape")), {"key"})
        self.assertEqual(Search({"key": plain}).names("a file", base64.b64encode(plain)), {"key"})

    def test_a_reading_comes_once(self) -> None:
        self.assertEqual([name for name, _ in readings(b"plain")], [""])
        texts = [text for _, text in readings(b"a%20b+c%2520d")]
        self.assertEqual(len(texts), len(set(texts)))
        self.assertIn(b"a b c d", texts)


if __name__ == "__main__":
    unittest.main()
