"""The command line: reads the habits, starts the server, says where it is, and ends it with whoever started it."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import resource
import sys
from pathlib import Path

from catalogue.catalogue import Catalogue
from catalogue.certificate import CertificateError, make_authority, make_certificate
from catalogue.control import Control
from catalogue.habit_files import HabitError, read_directory
from catalogue.server import Server
from serving.lifetime import announce


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="catalogue", description=__doc__)
    parser.add_argument("habits", type=Path, metavar="HABITS_DIR", help="where the habit files are")
    parser.add_argument("--directory", type=Path, required=True, metavar="RUN_DIR", help="for ca.pem and its like")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: a free one)")
    parser.add_argument("--keep-running", action="store_true", help="do not end with standard input or the parent")
    return parser.parse_args()


async def _run(arguments: argparse.Namespace, parent: int) -> None:
    catalogue = Catalogue(read_directory(arguments.habits))
    arguments.directory.mkdir(parents=True, exist_ok=True)
    directory = arguments.directory.resolve()
    ca = make_authority(directory)
    server = Server(catalogue.at, Control(catalogue).handle, make_certificate(directory, catalogue.hosts))
    port = await server.listen(arguments.port)
    info = {
        "proxy": f"http://127.0.0.1:{port}",
        "proxy_port": port,
        "control": f"http://127.0.0.1:{port}/control",
        "control_port": port,
        "ca_file": str(ca),
        "providers": sorted(catalogue.providers),
        "pid": os.getpid(),
    }
    await announce(info, parent, arguments.keep_running)
    await server.stop()


def main() -> int:
    """Runs until SIGTERM, SIGINT, the end of standard input or that of the parent."""
    parent = os.getppid()
    arguments = _arguments()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    try:
        asyncio.run(_run(arguments, parent))
    except HabitError as error:
        print(error, file=sys.stderr)
        return 1
    except (OSError, CertificateError) as error:
        print(f"catalogue: {error}", file=sys.stderr)
        return 1
    return 0
