"""A machine with toolauthd installed, a provider, and its tool gmail."""

from __future__ import annotations

import os
from pathlib import Path

from packages import PACKAGE
from service import configure, ctl, run
from support.provider import Provider


def let_packages_start_services() -> None:
    """An image for containers forbids it; this is a machine with a systemd."""
    Path("/usr/sbin/policy-rc.d").unlink(missing_ok=True)
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"


def prepare_machine() -> None:
    """A machine with two people, and nothing of toolauthd yet."""
    let_packages_start_services()
    for user in ("alice", "bob"):
        run("useradd", "--create-home", "--shell", "/bin/bash", user)


def connect(provider: Provider, *users: str) -> None:
    """Has users consent."""
    for user in users:
        url = ctl("authorize", "gmail", user).stdout.strip().splitlines()[-1]
        ctl("callback", "-", stdin=provider.consent(url, user))


def install_with_gmail(provider: Provider, *users: str) -> None:
    """Installs the package, configures gmail, and connects users."""
    prepare_machine()
    run("dpkg", "--install", str(PACKAGE))
    configure(provider.info)
    run("systemctl", "restart", "toolauthd")
    connect(provider, *users)
