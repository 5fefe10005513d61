#!/usr/bin/env python3
"""Logs in and consents as a user would, without a browser, and prints where the browser is sent in the end.

approve.py INFO AUTHORIZATION_URL [--user alice] [--deny] [--deliver]

INFO is the JSON that oauth_server.py (or the test provider) printed, or a file that holds it. With --deliver the
callback URL is also opened, and the status of the answer printed after it.
"""

from __future__ import annotations

import argparse
import http.client
import http.cookiejar
import json
import ssl
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin

STEPS = 12


class Stuck(Exception):
    """The pages do not lead to the redirect URI."""


@dataclass
class Form:
    """A form of a page: where it goes, its fields as they are, and its named buttons."""

    method: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, str] = field(default_factory=dict)


class FormParser(HTMLParser):
    """Finds the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes a form, or an input of the one it is in."""
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(attributes.get("method", "get").lower(), attributes.get("action", "")))
            self._inside = True
        elif tag in ("input", "button") and self._inside and attributes.get("name"):
            is_button = tag == "button" or attributes.get("type") == "submit"
            into = self.forms[-1].buttons if is_button else self.forms[-1].fields
            into[attributes["name"]] = attributes.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        """Notes the end of a form."""
        if tag == "form":
            self._inside = False


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Leaves the redirect to the caller."""
        return


@dataclass
class Page:
    """What a step came to."""

    url: str
    status: int
    location: str | None
    text: str


class Browser:
    """Keeps cookies and follows nothing by itself."""

    def __init__(self, ca_file: str | None) -> None:
        context = ssl.create_default_context(cafile=ca_file)
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=context),
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
            _NoRedirect(),
        )

    def open(self, url: str, data: dict[str, str] | None = None, referer: str | None = None) -> Page:
        """One request; a POST of a form if there is data."""
        request = urllib.request.Request(url, urlencode(data).encode() if data is not None else None)
        if referer is not None:
            request.add_header("Referer", referer)
        try:
            reply: http.client.HTTPResponse | urllib.error.HTTPError = self._opener.open(request, timeout=30)
        except urllib.error.HTTPError as error:
            reply = error
        with reply:
            location = reply.headers.get("Location")
            target = urljoin(url, location) if location is not None else None
            return Page(url, reply.status or 0, target, reply.read().decode("utf-8", "replace"))


def approve(info: dict[str, Any], url: str, user: str = "alice", allow: bool = True) -> str:
    """The callback URL a user ends up at who opens `url`; raises Stuck."""
    browser = Browser(info.get("ca_file"))
    page = browser.open(url)
    for _ in range(STEPS):
        if page.location is not None:
            if any(page.location.startswith((f"{uri}?", f"{uri}&")) for uri in info["redirect_uris"]):
                return page.location
            page = browser.open(page.location)
            continue
        page = _submit(browser, page, info, user, allow)
    raise Stuck(f"still not at the redirect URI after {STEPS} steps")


def _submit(browser: Browser, page: Page, info: dict[str, Any], user: str, allow: bool) -> Page:
    parser = FormParser()
    parser.feed(page.text)
    for form in parser.forms:
        if "password" in form.fields:
            password = info.get("users", {}).get(user)
            if password is None:
                raise Stuck(f"there is no user {user}")
            data = form.fields | {"username": user, "password": password}
        elif "allow" in form.buttons:
            data = form.fields | ({"allow": form.buttons["allow"]} if allow else {})
        else:
            continue
        return browser.open(urljoin(page.url, form.action or page.url), data, referer=page.url)
    raise Stuck(f"no login and no consent at {page.url.split('?')[0]} (status {page.status}):\n{page.text}")


def main() -> int:
    """Does what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("info", metavar="INFO")
    parser.add_argument("url", metavar="AUTHORIZATION_URL")
    parser.add_argument("--user", default="alice")
    parser.add_argument("--deny", action="store_true", help="clicks Cancel")
    parser.add_argument("--deliver", action="store_true", help="opens the callback URL")
    arguments = parser.parse_args()
    text = arguments.info
    info = json.loads(text if text.lstrip().startswith("{") else Path(text).read_text())
    try:
        callback = approve(info, arguments.url, arguments.user, allow=not arguments.deny)
    except (Stuck, OSError) as error:
        print(f"approve: {error}", file=sys.stderr)
        return 1
    print(callback)
    if arguments.deliver:
        print(Browser(None).open(callback).status)
    return 0


if __name__ == "__main__":
    sys.exit(main())
