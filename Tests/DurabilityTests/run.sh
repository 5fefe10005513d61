#!/usr/bin/env bash
# run.sh BIN_DIR [TEST…]: the durability tests, of the programs in BIN_DIR. TEST is as unittest has it: test_kill.
# DURABILITY_SEED=N draws again what the run with that seed drew.
set -euo pipefail

bin=$(realpath "${1:?usage: run.sh BIN_DIR [TEST…]}")
shift
cd "$(dirname "$0")"
[ -x "$bin/toolauthd" ] || { echo "run.sh: no toolauthd in $bin" >&2; exit 66; }

# A namespace of their own, so that what they mount goes with them, however they end; without, those tests are skipped.
isolated=()
for attempt in "unshare --mount" "unshare --user --map-root-user --mount"; do
    read -ra isolated <<<"$attempt"
    if "${isolated[@]}" true 2>/dev/null; then break; fi
    isolated=()
done

[ $# -gt 0 ] || set -- discover
TOOLAUTHD_BIN=$bin PYTHONDONTWRITEBYTECODE=1 exec "${isolated[@]}" python3 -m unittest "$@" -v
