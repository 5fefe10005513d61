"""What must hold of a world once nothing disturbs it any more."""

from __future__ import annotations

import unittest
from typing import Any

from support.polling import eventually
from support.world import World

#: Every token lives less than a minute; a back-off that a failure left may take one more.
RECOVERY_PATIENCE = 150
LOOKUP_PATIENCE = 30


def assert_nothing_lost(test: unittest.TestCase, world: World) -> dict[str, dict[str, Any]]:
    """All that was acknowledged is so; returns the records. Call it while nobody changes grants."""
    records = world.records()
    losses = world.ledger.losses(records)
    test.assertEqual(losses, [], f"expected nothing lost; {len(losses)} losses")
    world.ledger.settle(records)
    return records


def assert_all_refresh(test: unittest.TestCase, world: World) -> None:
    """Every record is refreshed once more from now on, is healthy, and has a token that its provider takes."""
    before = world.records()
    test.assertGreater(len(before), 0, "expected records to look at")

    def behind() -> dict[str, str]:
        records = world.records()
        dead = [record for record in records.values() if record["status"] == "needs_reauthorization"]
        if dead:
            sent = "\n".join(world.provider.refreshes_of(dead[0]["user_id"]))
            test.fail(
                f"expected nobody to need reauthorization, which no time heals; {len(dead)} do, first {dead[0]}, for whom"
                f" the provider saw these refresh tokens:\n{sent}"
            )
        return {
            user: f"{record['status']}, generation {record['generation']} as before, {record.get('last_error')}"
            for user, record in records.items()
            if record["status"] != "healthy" or record["generation"] <= before[user]["generation"]
        }

    eventually(behind, lambda seen: not seen, RECOVERY_PATIENCE, "every record refreshed again and healthy")
    # Again, if one ends between being read and being looked up.
    eventually(
        lambda: world.rejected_tokens(before),
        lambda seen: not seen,
        LOOKUP_PATIENCE,
        "the provider to take every token that is handed out",
    )


def assert_no_reuse(test: unittest.TestCase, world: World) -> dict[str, Any]:
    """No refresh token was sent after its successor was received; returns the provider's counters."""
    counters = world.provider.counters()
    test.assertEqual(counters["reuse"], 0, "expected no refresh token used again outside its replay window")
    return counters
