"""The power cut itself: what it takes back, and that it sees all that the daemon does to its files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path
from random import Random

from support.case import DurabilityTestCase, seeded
from support.power import Kind, PowerCut, build, drop_some


class LibraryTests(unittest.TestCase):
    """Each test runs a script that dies, and looks at what is left."""

    temporary: tempfile.TemporaryDirectory[str]
    library: Path

    @classmethod
    def setUpClass(cls) -> None:
        cls.temporary = tempfile.TemporaryDirectory()
        cls.library = build(Path(cls.temporary.name))

    @classmethod
    def tearDownClass(cls) -> None:
        cls.temporary.cleanup()

    def setUp(self) -> None:
        folder = Path(tempfile.mkdtemp(dir=self.temporary.name))
        self.directory = folder / "files"
        self.directory.mkdir()
        self.cut = PowerCut(self.library, self.directory, folder / "records")

    def run_script(self, script: str, **options: int | bool) -> None:
        """Runs `script` in the directory, where `file(name)` opens for reading and writing, and kills it at its end."""
        preamble = """
            import os, signal
            def file(name, flags=0):
                return os.open(name, os.O_RDWR | os.O_CREAT | flags, 0o600)
            def sync_names():
                os.fsync(os.open(".", os.O_RDONLY | os.O_DIRECTORY))
        """
        program = textwrap.dedent(preamble) + textwrap.dedent(script) + "\nos.kill(os.getpid(), signal.SIGKILL)\n"
        environment = os.environ | self.cut.environment(**options)  # type: ignore[arg-type]
        result = subprocess.run(
            [sys.executable, "-c", program], cwd=self.directory, env=environment, capture_output=True, check=False
        )
        self.assertEqual(result.returncode, -signal.SIGKILL, result.stderr.decode())

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.directory.iterdir()}

    def write(self, name: str, content: bytes) -> None:
        (self.directory / name).write_bytes(content)

    def test_writes_since_the_last_sync_are_taken_back(self) -> None:
        self.write("a", b"0123456789")
        self.run_script(
            """
            a = file("a")
            os.pwrite(a, b"AB", 2)
            os.fsync(a)
            os.pwrite(a, b"xyz", 1)
            os.lseek(a, 8, os.SEEK_SET)
            os.write(a, b"longer")
            os.writev(a, [b"and", b"longer"])
            os.pwritev(a, [b"!", b"?"], 0)
            """
        )
        self.assertEqual(self.files()["a"], b"!?yz4567longerandlonger")
        self.cut.happen()
        self.assertEqual(self.files(), {"a": b"01AB456789"})

    def test_a_sync_of_one_file_is_none_of_another(self) -> None:
        self.write("a", b"aaa")
        self.write("b", b"bbb")
        self.run_script(
            """
            a, b = file("a"), file("b")
            os.pwrite(a, b"A", 0)
            os.pwrite(b, b"B", 0)
            os.fdatasync(b)
            """
        )
        self.cut.happen()
        self.assertEqual(self.files(), {"a": b"aaa", "b": b"Bbb"})

    def test_sizes_are_taken_back(self) -> None:
        for name in "abcde":
            self.write(name, b"0123456789")
        self.run_script(
            """
            os.ftruncate(file("a"), 3)
            os.truncate("b", 20)
            os.posix_fallocate(file("c"), 0, 20)
            d = file("d", os.O_TRUNC)
            os.write(d, b"new")
            os.write(file("e", os.O_APPEND), b"more")
            """
        )
        sizes = {name: len(content) for name, content in self.files().items()}
        self.assertEqual(sizes, {"a": 3, "b": 20, "c": 20, "d": 3, "e": 14})
        self.cut.happen()
        self.assertEqual(self.files(), dict.fromkeys("abcde", b"0123456789"))

    def test_names_are_taken_back_unless_the_directory_was_synced(self) -> None:
        for name in "abcd":
            self.write(name, name.encode())
        self.run_script(
            """
            os.unlink("a")
            sync_names()
            os.unlink("b")
            os.fsync(file("b"))          # another file of that name
            os.rename("c", "d")
            os.fsync(file("e"))
            """
        )
        self.assertEqual(self.files(), {"b": b"", "d": b"c", "e": b""})
        self.cut.happen()
        self.assertEqual(self.files(), {"b": b"b", "c": b"c", "d": b"d"})

    def test_a_file_made_aside_and_renamed_is_there_whole_once_the_directory_is_synced(self) -> None:
        self.run_script(
            """
            a = file("a.new")
            os.write(a, b"whole")
            os.fsync(a)
            os.rename("a.new", "a")
            sync_names()
            os.write(a, b" and more")
            """
        )
        self.cut.happen()
        self.assertEqual(self.files(), {"a": b"whole"})

    def test_a_disk_may_have_written_some_pages(self) -> None:
        pages = 64
        self.write("a", b"0" * pages * 4096)
        script = f"""
            a = file("a")
            for page in range({pages}):
                os.pwrite(a, b"1" * 4096, page * 4096)
                os.pwrite(a, b"2" * 4096, page * 4096)
            """
        self.run_script(script)
        self.cut.happen(drop_some(Random(1)))
        content = self.files()["a"]
        versions = {bytes(set(content[start : start + 4096])) for start in range(0, len(content), 4096)}
        self.assertEqual(versions, {b"0", b"1", b"2"})

    def test_it_dies_at_the_change_of_a_number(self) -> None:
        self.write("a", b"")
        self.run_script(
            """
            a = file("a")
            for byte in b"0123456789":
                os.write(a, bytes([byte]))
            """,
            at=4,
        )
        self.assertEqual(self.files(), {"a": b"012"})

    def test_an_ignored_sync_of_a_log_counts_where_sqlite_always_makes_it(self) -> None:
        self.write("db", b"old")
        self.write("db-wal", b"")
        script = """
            db, wal = file("db"), file("db-wal")
            os.pwrite(wal, b"head", 0)
            os.fsync(wal)
            os.pwrite(wal, b"1", 4)
            os.fsync(wal)
            os.pwrite(db, b"new", 0)     # a checkpoint
            os.fsync(db)
            os.pwrite(wal, b"2", 5)
            os.fsync(wal)
            """
        self.run_script(script, ignore_log_sync=True)
        self.cut.happen()
        self.assertEqual(self.files(), {"db": b"new", "db-wal": b"head1"})
        self.run_script(script)
        self.cut.happen()
        self.assertEqual(self.files(), {"db": b"new", "db-wal": b"head12"})


class CoverageTests(DurabilityTestCase):
    @seeded
    def test_it_sees_all_that_the_daemon_does_to_its_files(self) -> None:
        """From the names and sizes recorded, those that are there follow."""
        world = self.world()
        cut = world.power_cut()
        daemon = world.start(cut.environment())
        world.connect(f"alice-{number}" for number in range(20))
        self.assertGreater(self._replayed(cut).get("toolauthd.db-wal", 0), 0, "expected a log that was written to")
        daemon.stop()
        found = {path.name: path.stat().st_size for path in world.state.iterdir()}
        self.assertEqual(self._replayed(cut), found)

    def _replayed(self, cut: PowerCut) -> dict[str, int]:
        names: dict[str, int] = {}
        sizes: dict[int, int] = {}
        for entry in cut.entries():
            match entry.kind:
                case Kind.CREATE:
                    names[entry.names[0]] = entry.inode
                case Kind.UNLINK:
                    names.pop(entry.names[0])
                case Kind.RENAME:
                    names[entry.names[1]] = names.pop(entry.names[0])
                case Kind.WRITE | Kind.RESIZE:
                    self.assertEqual(entry.size_before, sizes.get(entry.inode, 0), "a change of size was not seen")
                    sizes[entry.inode] = entry.size_after
        return {name: sizes.get(inode, 0) for name, inode in names.items()}


if __name__ == "__main__":
    unittest.main()
