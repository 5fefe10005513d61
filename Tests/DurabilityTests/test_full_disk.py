"""A full disk under the store."""

from __future__ import annotations

import unittest

from support.case import seeded
from support.checks import assert_nothing_lost
from support.small_disk import SmallDisk
from support.store_trouble import StoreTroubleTestCase
from support.traffic import Traffic
from support.world import World

KIBIBYTES = 16 * 1024


@unittest.skipUnless(
    SmallDisk.is_available(), "needs the right to mount a tmpfs: run it as root, or with user namespaces"
)
class FullDiskTests(StoreTroubleTestCase):
    def world_on_small_disk(self) -> tuple[World, SmallDisk]:
        world = self.troubled_world()
        disk = SmallDisk(world.state, KIBIBYTES)
        world.cleanup.callback(disk.unmount)
        return world, disk

    @seeded
    def test_reads_go_on_nothing_is_lost_and_with_room_again_all_refresh(self) -> None:
        world, disk = self.world_on_small_disk()
        before = self.start_refreshing(world)
        with Traffic(world, self.random, readers=1, impatient_readers=1) as traffic:
            disk.fill()
            self.wait_until_refused(world, renew=disk.fill)
            self.wait_for_reads(traffic)
            with self.subTest("it says so"):
                self.assert_it_says_so(world, before)
            disk.make_room()
            repeated = self.assert_recovered(world)
        self.say(f"{dict(traffic.answers)}")
        assert_nothing_lost(self, world)
        self.assertEqual(repeated, 0, "expected the replies that came meanwhile to be kept, and stored in the end")

    @seeded
    def test_killed_meanwhile_it_loses_nothing_either(self) -> None:
        world, disk = self.world_on_small_disk()
        self.start_refreshing(world)
        disk.fill()
        self.wait_until_refused(world, renew=disk.fill)
        assert world.daemon is not None
        world.daemon.kill()
        disk.make_room()
        world.start()
        repeated = self.assert_recovered(world)
        self.assertGreater(repeated, 0, "expected replies that were in memory only when it was killed")


if __name__ == "__main__":
    unittest.main()
