"""
What the tests against a running daemon share.

They use the provider and the daemon as the contract tests do: scripts/test-adapter.sh says where those are.
"""

from __future__ import annotations

import json
import unittest
import urllib.request
from typing import Any

from world import World

from delegated_tool_auth import DelegatedToolAuthentication
from delegated_tool_auth.delegate import ToolDelegate


class Hinting(ToolDelegate):
    """Tells the provider who is meant, who then takes whoever consents for that user."""

    def authorization_parameters(self, user_id: str) -> dict[str, Any]:
        return {"login_hint": user_id}


class Tool(Hinting, DelegatedToolAuthentication):
    """A tool of the tests."""


class DaemonTestCase(unittest.TestCase):
    """A daemon for each class. Its tests have users of their own where they would disturb each other."""

    #: More lines of toolauthd.yaml.
    configuration = ""
    world: World

    @classmethod
    def setUpClass(cls) -> None:
        cls.world = World(cls.configuration)
        cls.addClassCleanup(cls.world.close)

    def auth(self, tool_id: str = "gmail") -> DelegatedToolAuthentication:
        """A tool."""
        return Tool(tool_id, str(self.world.socket))

    @property
    def user(self) -> str:
        """A user of this test alone."""
        return self._testMethodName

    def consent(self, user: str, auth: DelegatedToolAuthentication) -> str:
        """The user goes where he is sent and consents; the URL his browser is sent to then."""
        return self.world.provider.consent(auth.get_auth_url(user))

    def connect(self, user: str, tool_id: str = "gmail") -> DelegatedToolAuthentication:
        """A tool that the user has connected."""
        auth = self.auth(tool_id)
        auth.retrieve_auth_token(self.consent(user, auth), user)
        return auth

    def requests(self, user: str, grant_type: str) -> int:
        """How many requests of that kind the provider has seen for a user."""
        return int(self.world.provider.counters()["users"].get(user, {}).get(grant_type, 0))

    def whose(self, token: str | None) -> str:
        """Who the provider's API takes the bearer of a token for."""
        request = urllib.request.Request(self.world.provider.info["api"], headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=30) as reply:
            return str(json.load(reply)["user"])
