#!/usr/bin/env bash
# demo.sh: build what the demonstration needs, then run it (scripts/demo.py).
# DEMO_INTERACTIVE=1 leaves login and consent to you, in your browser. DEMO_SECONDS=N watches for N seconds.
set -euo pipefail
cd "$(dirname "$0")/.."

printf 'Building toolauthd and toolauthctl (a few minutes the first time) …\n'
for product in toolauthd toolauthctl; do
    swift build --product "$product" --quiet
done
python3 Tests/Support/oauth-server/oauth_server.py install
exec python3 scripts/demo.py "$(swift build --show-bin-path)"
