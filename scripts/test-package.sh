#!/usr/bin/env bash
# test-package.sh [BIN_DIR [TEST…]]: makes the Debian package of the programs in BIN_DIR, by default the release build, looks
# at it, and installs, upgrades, removes and purges it under a real systemd in namespaces; the latter needs root, or sudo.
# See Tests/PackageTests; TEST is one of its files.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh package
exec Tests/PackageTests/run.sh "${1:-.build/release}" "${@:2}"
