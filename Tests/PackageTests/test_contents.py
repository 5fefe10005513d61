"""What is in the packages, and what Debian's own checker says of them: run by run.sh."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from guides import commands_in_text, steps
from packages import ARCHITECTURE, BIN, PACKAGE, ROOT, SYMBOLS, VERSION, contents, field
from service import PATIENCE, run

PROMETHEUS = ROOT / "Examples/prometheus"
#: libgcc-s1 is what libstdc++6 itself stands on.
LIBRARIES = {"libc6", "libcurl4", "libcurl4t64", "libgcc-s1", "libsqlite3-0", "libstdc++6", "libsystemd0"}

#: The packages inside that give a notice which goes along with them.
NOTICES = {"swift-asn1", "swift-crypto", "swift-http-types", "swift-log", "swift-nio", "swift-service-lifecycle"}


def unpacked(package: Path, into: str) -> Path:
    run("dpkg-deb", "--extract", str(package), into)
    return Path(into)


def files(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir() or path.is_symlink()}


def sections(program: Path) -> str:
    return run("readelf", "--section-headers", "--wide", str(program)).stdout


def build_id(program: Path) -> str:
    notes = run("readelf", "--notes", str(program)).stdout
    found = re.search(r"Build ID: ([0-9a-f]+)", notes)
    assert found, f"{program} has no build id"
    return found[1]


class PackageTests(unittest.TestCase):
    """The package as a file."""

    root: Path

    @classmethod
    def setUpClass(cls) -> None:
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.root = unpacked(PACKAGE, directory.name)

    def test_lintian_has_neither_errors_nor_warnings(self) -> None:
        checked = run("lintian", "--fail-on", "error,warning", str(PACKAGE), str(SYMBOLS), check=False)
        self.assertEqual((checked.returncode, checked.stdout), (0, ""))

    def test_every_override_of_lintian_is_needed(self) -> None:
        told = run("lintian", "--display-info", "--show-overrides", str(PACKAGE), check=False).stdout
        self.assertNotIn("unused-override", told)
        self.assertNotIn("mismatched-override", told)

    def test_its_version_is_the_programs(self) -> None:
        self.assertEqual(field(PACKAGE, "Version"), VERSION)
        for program in ("toolauthd", "toolauthctl"):
            self.assertEqual(run(str(self.root / "usr/bin" / program), "--version").stdout.split()[-1], VERSION)

    def test_it_depends_on_debians_libraries_alone(self) -> None:
        names = {part.split()[0] for part in field(PACKAGE, "Depends").split(",")}
        self.assertLessEqual(names, LIBRARIES)
        for program in ("toolauthd", "toolauthctl"):
            dynamic = run("readelf", "--dynamic", str(self.root / "usr/bin" / program)).stdout
            needed = re.findall(r"NEEDED.*\[(.*)\]", dynamic)
            self.assertTrue(needed, dynamic)
            self.assertEqual(
                [library for library in needed if re.search("swift|Foundation|dispatch", library, re.IGNORECASE)], []
            )

    def test_everything_belongs_to_root_and_only_root_writes(self) -> None:
        for path, entry in contents(PACKAGE).items():
            self.assertEqual(entry.owner, "root/root", path)
            mode = "drwx------" if path == "/etc/toolauthd/secrets/" else "drwxr-xr-x"
            if not path.endswith("/"):
                mode = "-rwxr-xr-x" if path.startswith("/usr/bin/") else "-rw-r--r--"
            self.assertEqual(entry.mode, mode, path)

    def test_it_has_everything(self) -> None:
        there = files(self.root)
        units = next(path for path in ("lib/systemd/system", "usr/lib/systemd/system") if (self.root / path).is_dir())
        wanted = {
            f"{units}/{path.name}" for path in (ROOT / "systemd").iterdir() if path.suffix in (".service", ".socket")
        }
        wanted |= {
            f"usr/share/toolauthd/providers.d/{path.name}" for path in (ROOT / "etc/toolauthd/providers.d").iterdir()
        }
        wanted |= {f"usr/share/toolauthd/schema/{path.name}" for path in (ROOT / "etc/toolauthd/schema").iterdir()}
        examples = "usr/share/doc/toolauthd/examples"
        wanted |= {f"{examples}/tools.d/{path.name}" for path in (ROOT / "etc/toolauthd/tools.d").iterdir()}
        wanted |= {f"{examples}/systemd/{path.name}" for path in (ROOT / "systemd/drop-ins").iterdir()}
        wanted |= {f"{examples}/SwiftClient/Main.swift", f"{examples}/python-toolkit-adapter/README.md"}
        wanted |= {f"{examples}/prometheus/alerts.yaml", f"{examples}/prometheus/prometheus.yaml"}
        wanted |= {"usr/bin/toolauthd", "usr/bin/toolauthctl", "etc/toolauthd/toolauthd.yaml"}
        wanted |= {"usr/lib/sysusers.d/toolauthd.conf", "usr/lib/tmpfiles.d/toolauthd.conf"}
        wanted |= {"usr/share/man/man1/toolauthctl.1.gz", "usr/share/man/man8/toolauthd.8.gz"}
        wanted |= {"usr/share/bash-completion/completions/toolauthctl", "usr/share/zsh/vendor-completions/_toolauthctl"}
        wanted |= {"usr/share/fish/vendor_completions.d/toolauthctl.fish"}
        wanted |= {"usr/share/doc/toolauthd/copyright", "usr/share/doc/toolauthd/changelog.gz"}
        wanted |= {f"usr/share/doc/toolauthd/notices/{name}.txt" for name in NOTICES}
        self.assertEqual(wanted - there, set())
        self.assertGreater(len(list((self.root / "usr/share/toolauthd/providers.d").iterdir())), 60)

    def test_the_copyright_names_every_package_inside(self) -> None:
        told = (self.root / "usr/share/doc/toolauthd/copyright").read_text()
        # Each with the folders of it that stand apart.
        named = {
            word.split("/")[0].lower()
            for files_of in re.findall(r"^Files: (.*(?:\n .*)*)", told, re.MULTILINE)
            for word in files_of.split()
        }
        pins = json.loads((ROOT / "Package.resolved").read_text())["pins"]
        self.assertEqual({pin["identity"] for pin in pins} - named, set())

    def test_what_is_in_etc_is_the_administrators(self) -> None:
        told = run("dpkg-deb", "--info", str(PACKAGE), "conffiles").stdout.split()
        self.assertEqual(told, sorted(f"/{path}" for path in files(self.root) if path.startswith("etc/")))
        self.assertIn("/etc/toolauthd/toolauthd.yaml", told)

    def test_the_sums_are_those_of_the_files(self) -> None:
        sums = run("dpkg-deb", "--info", str(PACKAGE), "md5sums").stdout
        done = subprocess.run(
            ["md5sum", "--check", "--quiet", "--strict"],
            input=sums,
            text=True,
            cwd=self.root,
            capture_output=True,
            check=False,
            timeout=PATIENCE,
        )
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        summed = {line.split(maxsplit=1)[1] for line in sums.splitlines()}
        self.assertEqual(summed, {path for path in files(self.root) if not path.startswith("etc/")})

    def test_symbols_are_apart_and_found_by_build_id(self) -> None:
        for program in ("toolauthd", "toolauthctl"):
            found = sections(self.root / "usr/bin" / program)
            self.assertNotIn(".debug_", found)
            self.assertNotIn(".symtab", found)
        identity = build_id(self.root / "usr/bin/toolauthd")
        self.assertIn(identity, field(SYMBOLS, "Build-Ids").split())
        self.assertEqual(field(SYMBOLS, "Depends"), f"toolauthd (= {VERSION})")
        with tempfile.TemporaryDirectory() as directory:
            symbols = unpacked(SYMBOLS, directory) / "usr/lib/debug/.build-id" / identity[:2] / f"{identity[2:]}.debug"
            self.assertIn(".debug_info", sections(symbols))
            self.assertIn(".symtab", sections(symbols))
            self.assertEqual(build_id(symbols), identity)


class AlertTests(unittest.TestCase):
    """What Prometheus says of the example for it."""

    def test_each_alert_fires_where_it_is_to_and_nowhere_else(self) -> None:
        run("promtool", "test", "rules", str(PROMETHEUS / "tests/alerts.yaml"))

    def test_each_alert_is_tested(self) -> None:
        alerts = re.findall(r"alert: (\w+)", (PROMETHEUS / "alerts.yaml").read_text())
        self.assertGreater(len(alerts), 5)
        fired: set[str] = set()
        silent: set[str] = set()
        for test in re.split(r"(?=alertname: )", (PROMETHEUS / "tests/alerts.yaml").read_text())[1:]:
            name = test.split()[1].rstrip(",")
            (fired if "exp_alerts" in test else silent).add(name)
        self.assertEqual((fired, silent), (set(alerts), set(alerts)))

    def test_the_configuration_is_one(self) -> None:
        run("promtool", "check", "config", str(PROMETHEUS / "prometheus.yaml"))

    def test_it_asks_for_metrics_that_there_are(self) -> None:
        asked = set(re.findall(r"toolauth_\w+?(?=_bucket|\W)", (PROMETHEUS / "alerts.yaml").read_text()))
        sources = "".join(path.read_text() for path in (ROOT / "Sources").rglob("*/Metrics/*.swift"))
        self.assertEqual(asked - set(re.findall(r'"(toolauth_\w+)"', sources)), set())


class GuideTests(unittest.TestCase):
    """The guides that the tests beside this one follow."""

    FOLLOWED = ("backup.md", "first-tool.md", "keys.md", "operations.md", "upgrading.md")

    def test_what_they_name_by_the_way_is_run_somewhere_too(self) -> None:
        run_somewhere = [step.text for guide in self.FOLLOWED for step in steps(guide)]
        for guide in self.FOLLOWED:
            for command in commands_in_text(guide):
                begins = any(f"{text} ".startswith(f"{command} ") for text in run_somewhere)
                self.assertTrue(begins, f"docs/{guide}: {command}")

    def test_each_has_its_test(self) -> None:
        tests = "".join(file.read_text() for file in Path(__file__).parent.glob("test_*.py"))
        followed = set(re.findall(r'follow\(\s*"([a-z-]+\.md)"', tests))
        self.assertEqual(followed, set(self.FOLLOWED))


class InstallTests(unittest.TestCase):
    """What `make install` puts where."""

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.destination = Path(directory.name) / "there"

    def install(self, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [ROOT / "scripts/install.sh", BIN],
            env={**os.environ, "DESTDIR": str(self.destination), **variables},
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE,
        )

    def test_the_package_has_what_it_installs_and_nothing_else(self) -> None:
        units = "/lib/systemd/system" if any(path.startswith("/lib/") for path in contents(PACKAGE)) else ""
        self.install(PREFIX="/usr", UNIT_DIR=units, ZSH_DIR="/usr/share/zsh/vendor-completions")
        installed = {re.sub(r"^(usr/share/man/.*)", r"\1.gz", path) for path in files(self.destination)}
        debians = {"usr/share/lintian/overrides/toolauthd"}
        debians |= {f"usr/share/doc/toolauthd/{name}" for name in ("changelog.gz", "copyright")}
        debians |= {f"usr/share/doc/toolauthd/notices/{name}.txt" for name in NOTICES}
        self.assertEqual(installed | debians, {path[1:] for path in contents(PACKAGE) if not path.endswith("/")})

    def test_under_a_prefix_units_and_catalogue_are_those_of_the_prefix(self) -> None:
        self.install(PREFIX="/opt/toolauthd")
        service = (self.destination / "opt/toolauthd/lib/systemd/system/toolauthd.service").read_text()
        self.assertIn("\nExecStart=/opt/toolauthd/bin/toolauthd\n", service)
        self.assertNotIn("/usr/bin", service)
        tools = self.destination / "etc/toolauthd/tools.d"
        (tools / "gmail.yaml").write_text(
            "gmail: {provider: google, client_id: c, redirect_uris: ['http://127.0.0.1:8790/callback'], scopes: [s]}\n"
        )
        check = [str(self.destination / "opt/toolauthd/bin/toolauthd"), "--check", "--config", str(tools.parent)]
        checked = run(*check, "--state-dir", str(self.destination / "state"), check=False)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)

    def test_configuration_that_is_there_stays(self) -> None:
        configuration = self.destination / "etc/toolauthd/toolauthd.yaml"
        configuration.parent.mkdir(parents=True)
        configuration.write_text("log: {level: debug}\n")
        said = self.install().stderr
        self.assertIn("stays as it is", said)
        self.assertEqual(configuration.read_text(), "log: {level: debug}\n")

    def test_programs_of_another_version_make_no_package(self) -> None:
        self.destination.mkdir()
        for program in ("toolauthd", "toolauthctl"):
            (self.destination / program).write_text("#!/bin/sh\necho 0.0.0\n")
            (self.destination / program).chmod(0o755)
        made = run(str(ROOT / "scripts/deb.sh"), "--output", str(self.destination), str(self.destination), check=False)
        self.assertEqual(made.returncode, 65)
        self.assertIn(f"are of version 0.0.0, the sources of {VERSION}", made.stderr)
        self.assertEqual(list(self.destination.glob(f"*{ARCHITECTURE}*")), [])


if __name__ == "__main__":
    unittest.main()
