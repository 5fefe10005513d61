#!/usr/bin/env bash
# test-adapter.sh [BIN_DIR [TEST…]]: the Python tool authentication classes of Examples/python-toolkit-adapter against the
# daemon in BIN_DIR, by default the release build; and every command of their README. TEST is as unittest has it:
# tests.daemon.test_readme.
set -euo pipefail
cd "$(dirname "$0")/.."

bin=$(realpath "${1:-.build/release}")
shift $(($# > 0))
[ -x "$bin/toolauthd" ] || { echo "test-adapter.sh: no toolauthd in $bin" >&2; exit 66; }

[ $# -gt 0 ] || set -- discover -s tests/daemon -t .
# The processes are driven as the contract and durability tests drive them.
export TOOLAUTHD_BIN=$bin PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$PWD/Tests/ContractTests:$PWD/Tests/DurabilityTests
cd Examples/python-toolkit-adapter
exec python3 -m unittest "$@" -q
