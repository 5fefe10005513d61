"""One page in the browser: where it is, what it asked for, what it shows."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from browser.chromium import Chromium, Event
from browser.elements import Element, parse

#: The widths of CSS pixels that screenshots are taken at.
PHONE, DESKTOP = (390, 844), (1280, 800)


class Page:
    """A tab in a browser context of its own, so without cookies, caches or history of another."""

    def __init__(self, browser: Chromium, scripts: bool = True) -> None:
        """`scripts`: whether pages may run any."""
        self._browser = browser
        self._context = browser.command("Target.createBrowserContext")["browserContextId"]
        target = browser.command("Target.createTarget", url="about:blank", browserContextId=self._context)
        session = browser.command("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session: str = session["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime", "DOM", "CSS"):
            self._command(f"{domain}.enable")
        self._command("Page.setLifecycleEventsEnabled", enabled=True)
        if not scripts:
            self._command("Emulation.setScriptExecutionDisabled", value=True)
        self.emulate(DESKTOP, "light")

    def close(self) -> None:
        """Forgets it, and all of its context."""
        self._browser.command("Target.disposeBrowserContext", browserContextId=self._context)

    def open(self, url: str) -> None:
        """Goes there as a person who follows a link, and returns once the network has been idle."""
        del self._events[:]
        navigation = self._command("Page.navigate", url=url)
        assert "errorText" not in navigation, f"{url}: {navigation['errorText']}"
        idle = {"name": "networkIdle", "loaderId": navigation["loaderId"]}
        self._browser.wait(
            lambda: any(idle.items() <= told.items() for told in self._told("Page.lifecycleEvent")),
            f"the load of {url}",
        )

    @property
    def requests(self) -> list[str]:
        """The URL of everything asked for since ``open``, redirects included, the page itself first."""
        return [told["request"]["url"] for told in self._told("Network.requestWillBeSent")]

    @property
    def complaints(self) -> list[str]:
        """What the browser has to say about the page, a breach of its policy for one, and scripts that spoke."""
        dialogs = [f"dialog: {told['message']}" for told in self._told("Page.javascriptDialogOpening")]
        calls = [f"console: {told['args']}" for told in self._told("Runtime.consoleAPICalled")]
        entries = [told["entry"] for told in self._told("Log.entryAdded")]
        # That the page's own status is no 2xx is told as an error too.
        return dialogs + calls + [entry["text"] for entry in entries if entry["source"] != "network"]

    @property
    def status(self) -> int:
        """The status of the answer shown."""
        return int(self._response["status"])

    @property
    def url(self) -> str:
        """Where the browser ended up."""
        return str(self._response["url"])

    @property
    def fields(self) -> dict[str, str]:
        """The header fields of the answer shown, names in lower case."""
        return {name.lower(): value for name, value in self._response["headers"].items()}

    @property
    def document(self) -> Element:
        """The DOM, as the browser has it."""
        root = self._command("DOM.getDocument", depth=0)["root"]["nodeId"]
        return parse(self._command("DOM.getOuterHTML", nodeId=root)["outerHTML"])

    def emulate(self, size: tuple[int, int], scheme: str, **features: str) -> None:
        """`scheme`: `light` or `dark`; further media features are named with underscores."""
        width, height = size
        self._command(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2,
            mobile=width < 600,
        )
        wanted = {"prefers-color-scheme": scheme} | {name.replace("_", "-"): is_ for name, is_ in features.items()}
        self._command("Emulation.setEmulatedMedia", features=[{"name": n, "value": v} for n, v in wanted.items()])

    def style(self, selector: str) -> list[dict[str, str]]:
        """The computed style of every element that matches."""
        root = self._command("DOM.getDocument", depth=0)["root"]["nodeId"]
        nodes = self._command("DOM.querySelectorAll", nodeId=root, selector=selector)["nodeIds"]
        styles = (self._command("CSS.getComputedStyleForNode", nodeId=node)["computedStyle"] for node in nodes)
        return [{entry["name"]: entry["value"] for entry in style} for style in styles]

    @property
    def width(self) -> float:
        """How wide the content is, in CSS pixels."""
        return float(self._command("Page.getLayoutMetrics")["cssContentSize"]["width"])

    def screenshot(self, path: Path) -> None:
        """A PNG of the viewport."""
        path.write_bytes(base64.b64decode(self._command("Page.captureScreenshot", format="png")["data"]))

    @property
    def _response(self) -> dict[str, Any]:
        documents = [told for told in self._told("Network.responseReceived") if told["type"] == "Document"]
        response: dict[str, Any] = documents[-1]["response"]
        return response

    @property
    def _events(self) -> list[Event]:
        return self._browser.events.setdefault(self._session, [])

    def _told(self, method: str) -> list[dict[str, Any]]:
        return [event["params"] for event in self._events if event["method"] == method]

    def _command(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self._browser.command(method, self._session, **parameters)
