"""What the tests of answers share: a world, and requests by the names that the document gives them."""

from __future__ import annotations

import unittest
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

import contract
from caller import call
from contract import Outcome, Reply
from world import World

#: Every end that was seen. Read once all tests are over: what the document knows and nobody has seen is not tested.
SEEN: set[Outcome] = set()
#: What stands in a path where a test does not care.
SOMEBODY = {"tool_id": "gmail", "user_id": "alice", "authorization_id": "0" * 32, "name": "github", "key_id": "none"}


class ContractTestCase(unittest.TestCase):
    """A daemon for each class. Its tests have users of their own, so that they do not disturb each other."""

    #: More lines of toolauthd.yaml.
    configuration = ""
    #: Credentials of its unit, by name.
    credentials: ClassVar[dict[str, str] | None] = None
    world: World
    contract: contract.Contract

    @classmethod
    def setUpClass(cls) -> None:
        cls.contract = contract.load()
        cls.world = World(cls.configuration, cls.credentials)
        cls.addClassCleanup(cls.world.close)

    @property
    def user(self) -> str:
        """A user of this test alone."""
        return self._testMethodName

    def ask(
        self,
        operation_id: str,
        status: int,
        problem: str = "",
        *,
        body: Any = None,
        query: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        **path: str,
    ) -> Reply:
        """One request, whose answer must be that and must keep the contract. `path`: what stands in it for names."""
        reply = self.send(operation_id, body, query, headers, **path)
        self.assertEqual((reply.status, reply.problem), (status, problem), reply.body)
        return reply

    def send(
        self,
        operation_id: str,
        body: Any = None,
        query: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        **path: str,
    ) -> Reply:
        """One request, whose answer must keep the contract, whatever it is."""
        operation = self.contract.operations[operation_id]
        reply = call(self.world.socket, operation.method, self.target(operation_id, query, **path), body, headers)
        self.check(operation_id, reply)
        return reply

    def check(self, operation_id: str, reply: Reply) -> None:
        """Notes an answer, and that it must keep the contract."""
        SEEN.add(Outcome(operation_id, reply.status, reply.problem))
        self.assertEqual(self.contract.breaches(self.contract.operations[operation_id], reply), [])

    def target(self, operation_id: str, query: dict[str, Any] | None = None, **path: str) -> str:
        """Path and query of a request."""
        names = {name: quote(value, safe="") for name, value in (SOMEBODY | path).items()}
        target = self.contract.operations[operation_id].path.format_map(names)
        return f"{target}?{urlencode(query)}" if query else target

    def connect(self, user_id: str, tool_id: str = "gmail", **members: Any) -> Reply:
        """Imports a grant that the provider knows, replacing what there was. `members`: of its token reply."""
        tokens = self.world.provider.grant(user_id, **members)
        taken = {"access_token", "refresh_token", "token_type", "expires_in", "scope"}
        body = {name: tokens[name] for name in taken & tokens.keys()}
        reply = self.send("importToolAuth", body, tool_id=tool_id, user_id=user_id)
        self.assertIn(reply.status, (200, 201), reply.body)
        return reply

    def connect_expired(self, user_id: str, tool_id: str = "gmail") -> None:
        """The same, with an access token that has ended and a refresh token that was not sent yet."""
        # The daemon would refresh what it hears of at once, so it hears of it while it refreshes nothing.
        self.ask("pauseTool", 200, tool_id=tool_id)
        tokens = self.world.provider.grant(user_id)
        body = {"access_token": "ended", "expires_in": 0, "refresh_token": tokens["refresh_token"]}
        reply = self.send("importToolAuth", body, tool_id=tool_id, user_id=user_id)
        self.assertIn(reply.status, (200, 201), reply.body)

    def begin(self, user_id: str, body: dict[str, Any] | None = None, tool_id: str = "gmail") -> dict[str, Any]:
        """Begins an authorization."""
        return self.ask("getAuthURL", 201, body=body, tool_id=tool_id, user_id=user_id).json

    def complete(self, user_id: str, tool_id: str = "gmail") -> Reply:
        """A user goes to the provider and back."""
        url = self.world.provider.consent(self.begin(user_id, tool_id=tool_id)["auth_url"])
        return self.send("retrieveAuthToken", {"url": url})


class TroubledTestCase(ContractTestCase):
    """A daemon for each test, which does to it what would disturb others."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.contract = contract.load()

    def setUp(self) -> None:
        world = World(self.configuration)
        self.addCleanup(world.close)
        # Where the class has none, a test has its own.
        self.world = world
