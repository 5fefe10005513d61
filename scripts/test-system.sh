#!/usr/bin/env bash
# test-system.sh: the system tests, under a real systemd in namespaces; needs root, or sudo.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "$(id -u)" -ne 0 ]; then
    if sudo --non-interactive true 2>/dev/null; then
        exec sudo --preserve-env=PATH,HOME "$0" "$@"
    fi
    echo "The system tests boot a systemd of their own, which only root may; run 'sudo make test' for them. Skipped." >&2
    exit 0
fi
exec Tests/SystemTests/run.sh "$(swift build --show-bin-path)"
