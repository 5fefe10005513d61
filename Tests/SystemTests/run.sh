#!/usr/bin/env bash
# run.sh BIN_DIR: the system tests. Installs the programs and what belongs to them into a throw-away root, boots a real
# systemd over it, and runs the tests inside; $TESTS names some of them.
set -euo pipefail

bin=$(realpath "${1:?usage: run.sh BIN_DIR}")
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

layer=$(mktemp -d /tmp/toolauthd-layer.XXXXXX)
trap 'rm -rf "$layer"' EXIT
chmod 755 "$layer"

DESTDIR=$layer PREFIX=/usr "$root/scripts/install.sh" "$bin"

# Also makes the server's virtual environment, while there is a network to fetch it from.
python=$(python3 "$root/Tests/Support/oauth-server/oauth_server.py" install | tail -n 1)
[ -x "$python" ] || { echo "run.sh: the server's virtual environment is missing" >&2; exit 1; }

# The provider is had as the durability tests have it, and secrets are searched for as Tests/Support/leaks does it.
export PYTHONPATH=$root/Tests/DurabilityTests:$root/Tests/Support PYTHONDONTWRITEBYTECODE=1

# Each in a system of its own: they configure the service otherwise.
for test in ${TESTS:-test_service.py test_credentials.py test_names.py test_full_disk.py test_access.py test_journal.py test_watchdog.py test_secrets.py}; do
    "$root/Tests/Support/systemd/with-systemd.sh" --layer "$layer" ${JOURNAL_FILE:+--journal "$JOURNAL_FILE"} -- \
        python3 "$here/$test" -v
done
