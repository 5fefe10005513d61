#!/usr/bin/env bash
# run.sh BIN_DIR: holds the API of the daemon in BIN_DIR against openapi.json: by hand, and with 2 000 generated requests.
set -euo pipefail
bin=$(cd "${1:?usage: run.sh BIN_DIR}" && pwd)
cd "$(dirname "$0")"
venv=${XDG_CACHE_HOME:-$HOME/.cache}/toolauthd-tests/contract
wanted=$(sha256sum requirements.txt)
if [ "$(cat "$venv/requirements.sha256" 2>/dev/null)" != "$wanted" ]; then
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r requirements.txt
    printf '%s' "$wanted" >"$venv/requirements.sha256"
fi

export TOOLAUTHD_BIN=$bin PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$PWD/../DurabilityTests
if [ $# -gt 1 ]; then exec "$venv/bin/python" -m unittest -v "${@:2}"; fi
exec "$venv/bin/python" -m unittest discover -v
