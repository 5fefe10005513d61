#!/usr/bin/env bash
# run.sh BIN_DIR [TEST…]: the tests in a browser, of the daemon in BIN_DIR. TEST is as unittest has it: test_callback_page.
# SCREENSHOTS=DIR keeps what the pages look like there.
set -euo pipefail

bin=$(realpath "${1:?usage: run.sh BIN_DIR [TEST…]}")
shift
[ -x "$bin/toolauthd" ] || { echo "run.sh: no toolauthd in $bin" >&2; exit 66; }
[ -z "${SCREENSHOTS:-}" ] || SCREENSHOTS=$(realpath -m "$SCREENSHOTS")
export SCREENSHOTS=${SCREENSHOTS:-}
cd "$(dirname "$0")"

[ $# -gt 0 ] || set -- discover
# The processes are driven as the durability tests drive them.
export TOOLAUTHD_BIN=$bin PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=../DurabilityTests
exec python3 -m unittest "$@" -v
