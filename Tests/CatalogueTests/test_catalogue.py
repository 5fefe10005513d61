"""
Every provider of the catalogue authorizes, exchanges, refreshes twice, and survives each of its known errors.

What a provider does is in its habit file, which was written from its documentation and not from its document.
"""

from __future__ import annotations

import unittest
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from providers import habits
from support.polling import eventually
from world import CATALOGUE, PATIENCE, Player, World

HABITS = habits()
#: So many providers and errors are played at once: they wait for the pace of forced refreshes most of the time.
PLAYERS = 32

#: What an error makes of an attempt, by the word of the habit files.
_OUTCOMES = {
    "grant_rejected": "grant_rejected",
    "client_rejected": "client_rejected",
    "request_rejected": "request_rejected",
    "transient": "transient",
}
_PROBLEMS = {"refused": "provider-error", "unreachable": "provider-unreachable"}

_world: World
_pool: ThreadPoolExecutor
_plays: dict[str, Future[None]] = {}


def setUpModule() -> None:
    """Begins all plays; the tests wait for them."""
    global _world, _pool
    _world = World(HABITS)
    _pool = ThreadPoolExecutor(PLAYERS)
    for name, habit in HABITS.items():
        _plays[name] = _pool.submit(_played, name, lambda player, habit=habit: _play(player, habit))
    for name, habit in HABITS.items():
        for index, error in enumerate(habit["errors"]):
            play: Callable[[Player], None] = lambda player, index=index, error=error: _survive(player, index, error)
            _plays[f"{name}-{index}"] = _pool.submit(_played, f"{name}-{index}", play)


def tearDownModule() -> None:
    """Ends everything."""
    _pool.shutdown(cancel_futures=True)
    _world.close()


def _played(tool_id: str, play: Callable[[Player], None]) -> None:
    with _world.player(tool_id) as player:
        play(player)


def _play(player: Player, habit: dict[str, Any]) -> None:
    """Connects, refreshes twice, and deletes."""
    expects = habit["expects"]
    first = player.connect()
    _check_token(first, expects)
    if expects["refreshable"]:
        for _ in range(2):
            answer = player.refresh_in_time()
            assert answer.status == 200, f"the refresh: {answer}"
            assert answer.body["status"] == "healthy", answer
            _check_token(player.token(), expects)
    else:
        assert player.refresh().problem == "provider-error", player.record()
    seen = player.seen()
    assert seen["problems"] == [], seen["problems"]
    player.delete()
    if habit.get("revoke") is not None:
        eventually(lambda: player.seen()["revocations"], lambda count: count > 0, PATIENCE, "a revocation")
    seen = player.seen()
    assert seen["problems"] == [], seen["problems"]


def _check_token(token: dict[str, Any], expects: dict[str, Any]) -> None:
    assert token["token_type"], token
    assert set(token["scope"].split()) == set(expects["scope"].split()), token
    lifetime = expects["expires_in"]
    if lifetime is None:
        assert token["expires_in"] is None, token
    else:
        # The clock went on since, and a provider's instant may be a second of its own away.
        assert lifetime - PATIENCE <= token["expires_in"] <= lifetime + 1, f"{token['expires_in']}, not {lifetime}"
    for name, value in expects["metadata"].items():
        assert token["metadata"].get(name) == value, f"{name}: {token['metadata']}"


def _survive(player: Player, index: int, error: dict[str, Any]) -> None:
    if error["at"] == "refresh":
        _survive_refresh(player, index, error)
    elif error["at"] in ("exchange", "upgrade"):
        _survive_exchange(player, index, error)
    else:
        raise AssertionError(f"no way to survive an error at {error['at']} is played")


def _survive_refresh(player: Player, index: int, error: dict[str, Any]) -> None:
    """The error is understood, the token still serves, and the user's next consent mends everything."""
    player.connect()
    before = player.outcomes()
    # For the daemon's own retries too, which may come before all is looked at.
    player.order(index, times=100)
    # Where there is no user, the first read made the record by a refresh a moment ago.
    answer = player.refresh_in_time()
    assert answer.status >= 400, f"the refresh succeeded: {answer}"
    after = player.outcomes()
    ended = {name for name, count in after.items() if count > before.get(name, 0)}
    assert ended == {_OUTCOMES[error["means"]]}, f"taken for {ended}: {answer}; {player.record()}"
    record = player.record()
    assert record["last_error"] is not None, record
    if error["means"] != "grant_rejected":
        assert record["status"] == "degraded", record
    # It has not ended by any of this, and is handed out, with a warning.
    assert "warning" in player.token()
    if player.tool.needs_user:
        token = player.connect()
        assert "warning" not in token or "paused" in token["warning"]["type"], token


def _survive_exchange(player: Player, index: int, error: dict[str, Any]) -> None:
    """The flow fails as it should, leaves nothing behind, and the next one succeeds."""
    player.order(index)
    answer = player.authorize()
    assert answer.problem == _PROBLEMS[error["means"]], answer
    assert player.connect()["access_token"]


class CatalogueTests(unittest.TestCase):
    """One test for each provider, and one for each error it knows; made below."""

    def test_every_document_has_a_habit_and_every_habit_a_document(self) -> None:
        documents = {file.stem for file in CATALOGUE.glob("*.yaml")}
        self.assertEqual(documents, set(HABITS))


def _add_tests() -> None:
    for name, habit in HABITS.items():
        plays = {"": name} | {f"_{error['at']}_{index}": f"{name}-{index}" for index, error in enumerate(habit["errors"])}
        for suffix, play in plays.items():

            def test(self: CatalogueTests, play: str = play) -> None:
                _plays[play].result()

            setattr(CatalogueTests, f"test_{name.replace('-', '_')}{suffix}", test)


_add_tests()
