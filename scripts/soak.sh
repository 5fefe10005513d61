#!/usr/bin/env bash
# soak.sh: ten minutes of 50 users at django-oauth-toolkit, each token asked for once a second (scripts/soak.py).
# SOAK_SECONDS and SOAK_USERS change that.
set -euo pipefail
cd "$(dirname "$0")/.."
for product in toolauthd toolauthctl; do
    swift build --product "$product" --quiet
done
python3 Tests/Support/oauth-server/oauth_server.py install
exec python3 scripts/soak.py "$(swift build --show-bin-path)"
