#!/usr/bin/env bash
# run.sh BIN_DIR [TEST…]: holds the API of the daemon in BIN_DIR against openapi.json. TEST is as unittest has it:
# test_tokens. CONTRACT_SEED=N draws again what the fuzzer of the run with that seed drew.
set -euo pipefail

bin=$(realpath "${1:?usage: run.sh BIN_DIR [TEST…]}")
shift
[ -x "$bin/toolauthd" ] || { echo "run.sh: no toolauthd in $bin" >&2; exit 66; }
cd "$(dirname "$0")"

# A virtual environment, made once and kept; it needs the network only when something is missing.
venv=${XDG_CACHE_HOME:-$HOME/.cache}/toolauthd-tests/contract
wanted=$(sha256sum requirements.txt)
mkdir -p "$(dirname "$venv")"
exec 9>"$venv.lock"
flock 9
if [ "$(cat "$venv/requirements.sha256" 2>/dev/null)" != "$wanted" ]; then
    python3 -m venv --clear "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r requirements.txt
    printf '%s' "$wanted" >"$venv/requirements.sha256"
fi
exec 9>&-

# The processes are driven as the durability tests drive them.
export TOOLAUTHD_BIN=$bin PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$PWD/../DurabilityTests
exec "$venv/bin/python" run.py "$@"
