"""Client secret and master key as credentials, in each way in which systemd gives them: run by run.sh, inside a booted system."""

from __future__ import annotations

import base64
import json
import secrets
import shutil
import unittest
from pathlib import Path

from service import configure, ctl, journal, message_id, prepare, property_of, run
from support.provider import Provider

SERVICE = "toolauthd.service"
NAMES = ("gmail", "toolauthd.key")
DROP_IN = Path(f"/etc/systemd/system/{SERVICE}.d/credentials.conf")
PLAIN, ENCRYPTED = Path("/etc/toolauthd/secrets"), Path("/etc/credstore.encrypted")


def load_credential() -> str:
    return "".join(f"LoadCredential={name}:{PLAIN / name}\n" for name in NAMES)


def load_credential_encrypted() -> str:
    ENCRYPTED.mkdir(mode=0o700)
    for name in NAMES:
        run("systemd-creds", "encrypt", f"--name={name}", str(PLAIN / name), str(ENCRYPTED / name))
    # The unit itself names that of the key.
    return "LoadCredentialEncrypted=gmail\n"


def set_credential_encrypted() -> str:
    encrypt = ("systemd-creds", "encrypt", "--pretty")
    return "".join(run(*encrypt, f"--name={name}", str(PLAIN / name), "-").stdout for name in NAMES)


class CredentialTests(unittest.TestCase):
    """The tool gmail, connected for alice, whose client secret is the credential gmail."""

    provider: Provider
    key: str

    @classmethod
    def setUpClass(cls) -> None:
        prepare()
        cls.provider = Provider()
        cls.addClassCleanup(cls.provider.stop)
        configure(cls.provider.info, client_secret="{credential: gmail}")
        cls.key = base64.b64encode(secrets.token_bytes(32)).decode()
        PLAIN.mkdir(mode=0o700, exist_ok=True)
        for name, text in zip(NAMES, (cls.provider.info["client_secret"], f"k1:{cls.key}\n"), strict=True):
            (PLAIN / name).touch(mode=0o600)
            (PLAIN / name).write_text(text)
        DROP_IN.parent.mkdir(parents=True)
        cls.restart_with(load_credential())
        url = ctl("authorize", "gmail", "alice").stdout.strip().splitlines()[-1]
        ctl("callback", "-", stdin=cls.provider.consent(url, "alice"))

    @classmethod
    def restart_with(cls, lines: str, check: bool = True) -> None:
        DROP_IN.write_text(f"[Service]\n{lines}")
        units = (SERVICE, "toolauthd.socket")
        run("systemctl", "stop", *units)
        run("systemctl", "daemon-reload")
        # Whether it failed, and how often it was started.
        run("systemctl", "reset-failed", *units, check=False)
        run("systemctl", "start", *units, check=check)

    def tearDown(self) -> None:
        shutil.rmtree(ENCRYPTED, ignore_errors=True)

    def assert_all_is_well(self) -> None:
        keys = json.loads(ctl("keys", "--json").stdout)
        self.assertEqual((keys["source"], [key["key_id"] for key in keys["keys"]]), ("credential", ["k1"]))
        self.assertFalse(Path("/var/lib/toolauthd/master.key").exists())
        # The provider takes the client secret, and the key opens what it sealed.
        ctl("tools", "test", "gmail")
        self.assertIn(ctl("token", "gmail", "alice").stdout.strip(), self.provider.active_tokens()["alice"])

    def test_each_way_to_give_them(self) -> None:
        for way in (load_credential, load_credential_encrypted, set_credential_encrypted):
            with self.subTest(way.__name__):
                shutil.rmtree(ENCRYPTED, ignore_errors=True)
                self.restart_with(way())
                self.assert_all_is_well()

    def test_without_its_secret_a_tool_says_what_is_missing(self) -> None:
        self.restart_with(f"LoadCredential=toolauthd.key:{PLAIN / 'toolauthd.key'}\n")
        tool = json.loads(ctl("tools", "show", "gmail", "--json").stdout)
        self.assertEqual(tool["status"], "unavailable")
        self.assertIn("LoadCredential=gmail:PATH", tool["reason"])
        self.restart_with(load_credential())
        self.assert_all_is_well()

    def test_without_its_key_a_store_is_not_opened(self) -> None:
        self.restart_with(f"LoadCredential=gmail:{PLAIN / 'gmail'}\n", check=False)
        self.assertEqual(property_of(SERVICE, "ExecMainStatus"), "78")
        refusals = journal(f"MESSAGE_ID={message_id('storeRefused')}")
        self.assertEqual([line["TOOLAUTH_ERROR"] for line in refusals], ["key"])
        self.restart_with(load_credential())
        self.assert_all_is_well()

    def test_z_none_of_them_is_in_the_journal(self) -> None:
        lines = run("journalctl", "--output=export", "--no-pager").stdout
        self.assertGreater(lines.count("toolauthd"), 100)
        for secret in (self.provider.info["client_secret"], self.key):
            self.assertNotIn(secret, lines)


if __name__ == "__main__":
    unittest.main(failfast=True)
