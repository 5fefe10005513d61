"""The page at the end of an authorization, in a real browser, of a real daemon that a provider sends the browser to."""

from __future__ import annotations

import os
import tempfile
import unittest
from pathlib import Path

from browser.chromium import Chromium
from browser.contrast import colour, contrast
from browser.elements import Element
from browser.flow import TITLE, Flow
from browser.page import DESKTOP, PHONE, Page

#: The least for text of this size (WCAG 2.2 AA).
LEAST_CONTRAST = 4.5
HOSTILE = {
    "an element": "<script>alert('page')</script>",
    "an element that loads": "<img src=//elsewhere.example/x onerror=alert(1)>",
    "the end of an attribute": "\"'><svg/onload=alert(1)>",
    "the end of the heading": "</h1></title></style><iframe src=//elsewhere.example>",
    "a reference": "&lt;script&gt; &#60;b&#62; &amp;",
    "a template": "{{7*7}} ${7*7} \\(7*7)",
}
RIGHT_TO_LEFT = "\u202eemas\u202c \u2066x\u2069"
REFUSED = "The user’s account is closed."


class CallbackPageTests(unittest.TestCase):
    """Each test is one person's; they share a daemon, a provider and a browser."""

    flow: Flow
    chromium: Chromium

    @classmethod
    def setUpClass(cls) -> None:
        cls.flow = Flow()
        cls.addClassCleanup(cls.flow.close)
        cls.chromium = Chromium()
        cls.addClassCleanup(cls.chromium.close)

    def setUp(self) -> None:
        self.assertTrue(self.flow.daemon.is_running, f"The daemon ended; its last words:\n{self.flow.log[-2000:]}")
        self.user = f"{self._testMethodName}@example.com"
        self.page = self.new_page()
        self.addCleanup(self.flow.provider.switch, callback_error="", callback_error_description="")

    def new_page(self, scripts: bool = True) -> Page:
        """A page of this test."""
        page = Page(self.chromium, scripts)
        self.addCleanup(page.close)
        return page

    def refuse(self, error: str, description: str = "") -> None:
        """Lets the provider send every user back with an error."""
        self.flow.provider.switch(callback_error=error, callback_error_description=description)

    def go(self, user: str | None = None, page: Page | None = None) -> Element:
        """Goes through an authorization of `user`, and returns the document at its end."""
        page = page or self.page
        url = self.flow.authorize(user or self.user)["auth_url"]
        page.open(url)
        # The provider's endpoint, which redirects, and the page; no picture, no font, not even an icon.
        self.assertEqual([url, page.url], page.requests)
        self.check(page)
        return page.document

    def check(self, page: Page) -> None:
        """What is so of every page."""
        self.assertTrue(page.url.startswith(self.flow.origin), page.url)
        self.assertEqual([], page.complaints, "the browser complains")
        document = page.document
        for name in ("script", "img", "iframe", "link", "object", "form", "a", "b"):
            self.assertEqual([], document.all(name), "an element that the page does not have")
        for element in document:
            loading = {"src", "href", "style"} | {name for name in element.attributes if name.startswith("on")}
            self.assertFalse(loading & element.attributes.keys(), element.name)
        self.assertEqual("en", document.one("html").attributes["lang"])
        self.assertIn(document.one("h1").text, document.one("title").text)
        self.assertEqual("toolauthd", document.one("footer").text)
        self.assertEqual("no-referrer", page.fields["referrer-policy"])
        self.assertEqual("no-store", page.fields["cache-control"])
        self.assertEqual("nosniff", page.fields["x-content-type-options"])
        self.assertEqual("text/html; charset=utf-8", page.fields["content-type"])
        policy = page.fields["content-security-policy"].split("; ")
        self.assertIn("default-src 'none'", policy)
        self.assertFalse([rule for rule in policy if "unsafe" in rule or "*" in rule])

    # -- How it ends

    def test_success(self) -> None:
        main = self.go().one("main")
        self.assertEqual(200, self.page.status)
        self.assertEqual(f"{TITLE} is connected", main.one("h1").text)
        self.assertIn(self.user, main.text)
        self.assertIn("You can close this window.", main.text)
        self.assertTrue(self.flow.is_connected(self.user))

    def test_success_with_hostile_user_id(self) -> None:
        for what, user in HOSTILE.items():
            with self.subTest(what):
                self.assertIn(user, self.go(user).one("main").text)
                self.assertTrue(self.flow.is_connected(user))

    def test_success_with_user_id_from_right_to_left(self) -> None:
        self.assertIn("משה@example.com", self.go("משה@example.com").one("main").text)

    def test_denied_by_the_user(self) -> None:
        self.refuse("access_denied", "The user said no.")
        main = self.go().one("main")
        self.assertEqual(422, self.page.status)
        self.assertIn("access_denied", main.text)
        self.assertIn("start again", main.text)
        self.assertFalse(self.flow.is_connected(self.user))

    def test_refused_by_the_provider(self) -> None:
        self.refuse("temporarily_unavailable", REFUSED)
        main = self.go().one("main")
        self.assertEqual(422, self.page.status)
        self.assertIn("temporarily_unavailable", main.text)
        self.assertIn(REFUSED, main.text)
        self.assertIn("Start again", main.text)

    def test_code_refused(self) -> None:
        self.flow.provider.fail("error", error="invalid_grant", error_description="The code is <i>old</i>.")
        main = self.go().one("main")
        self.assertEqual(422, self.page.status)
        self.assertIn("invalid_grant", main.text)
        self.assertIn("The code is <i>old</i>.", main.text)

    def test_provider_unreachable(self) -> None:
        self.flow.provider.fail("close")
        main = self.go().one("main")
        self.assertEqual(502, self.page.status)
        self.assertIn("in a few minutes", main.text)

    def test_hostile_error(self) -> None:
        for what, text in HOSTILE.items():
            with self.subTest(what):
                self.refuse(text, f"<u>{text}</u>")
                main = self.go().one("main")
                self.assertIn(text, main.text)
                self.assertIn(f"<u>{text}</u>", main.text)

    def test_error_that_would_turn_the_page_around(self) -> None:
        self.refuse(f"server_error{RIGHT_TO_LEFT}", f"one {RIGHT_TO_LEFT} two \x1b[31m\x00")
        text = self.go().text
        self.assertIn("emas", text)
        for scalar in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x1b\x00":
            self.assertNotIn(scalar, text, f"U+{ord(scalar):04X}")

    def test_error_from_right_to_left_stays_readable(self) -> None:
        self.refuse("server_error", "הבקשה נדחתה")
        self.assertIn("הבקשה נדחתה", self.go().one("main").text)

    def test_error_without_end(self) -> None:
        self.refuse("e" * 1000, "d" * 1500)
        self.page.emulate(PHONE, "light")
        self.assertLess(len(self.go().one("main").text), 1000)
        self.assertEqual(PHONE[0], self.page.width, "it has to be scrolled sideways")

    def test_unknown_state(self) -> None:
        self.page.open(f"{self.flow.redirect_uri}?code=c&state=unknown")
        self.check(self.page)
        self.assertEqual(400, self.page.status)
        main = self.page.document.one("main")
        self.assertIn("Start again", main.text)
        self.assertIn("unknown", main.text)

    def test_state_is_used_up(self) -> None:
        self.go()
        again = self.page.url
        self.page.open(again)
        self.check(self.page)
        self.assertEqual(400, self.page.status)
        self.assertIn("used before", self.page.document.one("main").text)
        self.assertTrue(self.flow.is_connected(self.user), "it undoes nothing")

    def test_state_of_a_refused_authorization_is_used_up(self) -> None:
        self.refuse("access_denied")
        self.go()
        self.refuse("")
        self.page.open(self.page.url.replace("error=access_denied", "code=c"))
        self.assertEqual(400, self.page.status)
        self.assertFalse(self.flow.is_connected(self.user))

    def test_hostile_parameters_of_no_authorization(self) -> None:
        for query in ("", "?", "?code=c", "?state=%3Cscript%3Ealert(1)%3C/script%3E", "?state=a&state=b", "?state=%ff"):
            with self.subTest(query):
                self.page.open(self.flow.redirect_uri + query)
                self.check(self.page)
                self.assertEqual(400, self.page.status)

    def test_any_other_path(self) -> None:
        for path in ("/", "/favicon.ico", "/callback/", "/v1/tools", "/%3Cscript%3Ealert(1)%3C/script%3E"):
            with self.subTest(path):
                self.page.open(self.flow.origin + path)
                self.check(self.page)
                self.assertEqual(404, self.page.status)

    # -- In every browser

    def test_without_scripts(self) -> None:
        page = self.new_page(scripts=False)
        self.assertEqual(f"{TITLE} is connected", self.go(page=page).one("h1").text)

    def test_style_is_let_in_by_the_policy(self) -> None:
        self.go()
        self.assertNotEqual("rgba(0, 0, 0, 0)", self.page.style("body")[0]["background-color"])
        self.assertEqual("center", self.page.style("main")[0]["text-align"])

    def test_follows_the_colour_scheme(self) -> None:
        self.go()
        grounds = []
        for scheme in ("light", "dark"):
            self.page.emulate(DESKTOP, scheme)
            grounds.append(self.page.style("body")[0]["background-color"])
        self.assertNotEqual(*grounds)

    def test_text_can_be_read(self) -> None:
        for error in ("", "access_denied", "server_error"):
            self.refuse(error, REFUSED)
            self.go()
            for scheme in ("light", "dark"):
                self.page.emulate(DESKTOP, scheme)
                (ground,) = [colour(style["background-color"]) for style in self.page.style("body")]
                (card,) = [colour(style["background-color"]) for style in self.page.style("main")]
                assert ground and card
                for selector in ("h1", "main p", "dt", "dd", "footer"):
                    for style in self.page.style(selector):
                        # The lesser of both, wherever it stands.
                        text = colour(style["color"])
                        assert text
                        least = min(contrast(text, ground), contrast(text, card))
                        self.assertGreaterEqual(least, LEAST_CONTRAST, f"{selector}, {scheme}, {error or 'success'}")

    def test_fits_the_smallest_phone(self) -> None:
        self.page.emulate((320, 568), "light")
        for error in ("", "an_error_code_of_forty_characters_and_one"):
            self.refuse(error, REFUSED)
            self.go()
            self.assertEqual(320, self.page.width)

    def test_does_not_move_for_those_who_asked_for_stillness(self) -> None:
        self.page.emulate(DESKTOP, "light", prefers_reduced_motion="reduce")
        self.go()
        moving = [style["animation-name"] for style in self.page.style("*")]
        self.assertEqual({"none"}, set(moving))

    # -- For the eye

    def test_screenshots(self) -> None:
        """Fails where one cannot be taken; what they show is for a person to judge."""
        directory = Path(os.environ.get("SCREENSHOTS") or tempfile.mkdtemp(prefix="screenshots-"))
        directory.mkdir(parents=True, exist_ok=True)
        ends = {
            "connected": ("", ""),
            "denied": ("access_denied", "The user said no."),
            "failed": ("server_error", REFUSED),
            "hostile": (HOSTILE["an element"], f"{HOSTILE['the end of an attribute']} {'A' * 300}"),
        }
        for name, (error, description) in ends.items():
            self.refuse(error, description)
            self.go()
            self.take(directory, name)
        self.page.open(f"{self.flow.redirect_uri}?code=c&state=unknown")
        self.take(directory, "unknown-state")
        print(f"  screenshots: {directory}", flush=True)

    def take(self, directory: Path, name: str) -> None:
        """Light and dark, on a phone and on a desk."""
        for device, size in (("phone", PHONE), ("desktop", DESKTOP)):
            for scheme in ("light", "dark"):
                self.page.emulate(size, scheme)
                path = directory / f"{name}-{device}-{scheme}.png"
                self.page.screenshot(path)
                self.assertTrue(path.read_bytes().startswith(b"\x89PNG"))


if __name__ == "__main__":
    unittest.main()
