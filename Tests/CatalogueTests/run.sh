#!/usr/bin/env bash
# run.sh BIN_DIR [TEST…]: drives the daemon in BIN_DIR with every document of the catalogue, at a server that behaves as each
# provider's own documentation says. TEST is as unittest has it: test_catalogue.CatalogueTests.test_slack.
set -euo pipefail

bin=$(realpath "${1:?usage: run.sh BIN_DIR [TEST…]}")
shift
[ -x "$bin/toolauthd" ] || { echo "run.sh: no toolauthd in $bin" >&2; exit 66; }
cd "$(dirname "$0")"

[ $# -gt 0 ] || set -- discover
# The processes are driven as the durability tests drive them.
export TOOLAUTHD_BIN=$bin PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$PWD/../DurabilityTests
exec python3 -m unittest "$@"
