"""Where the daemon listens."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

SYSTEM_SOCKET = "/run/toolauthd/api.sock"


def discovered_socket(variables: Mapping[str, str] = os.environ, exists: Callable[[str], bool] = os.path.exists) -> str:
    """
    The socket this process is meant to use, found as toolauthctl finds it.

    `TOOLAUTH_SOCKET`, else that of the user's own daemon where there is one, else the system's.
    """
    named = variables.get("TOOLAUTH_SOCKET")
    if named:
        return named
    directory = variables.get("XDG_RUNTIME_DIR", "")
    own = f"{directory}/toolauthd/api.sock"
    return own if directory.startswith("/") and exists(own) else SYSTEM_SOCKET
