#!/usr/bin/env bash
# test-system.sh: the system tests, under a real systemd in namespaces; needs root, or sudo.
# What is built and fetched belongs to whoever calls; only the tests themselves run as root. TESTS="test_names.py …" runs
# some of them; JOURNAL_FILE keeps what their systems wrote to the journal.
set -euo pipefail
cd "$(dirname "$0")/.."

bin=$(scripts/bin-path.sh)
python3 Tests/Support/oauth-server/oauth_server.py install >/dev/null

if [ "$(id -u)" -eq 0 ]; then
    exec Tests/SystemTests/run.sh "$bin"
elif command -v sudo >/dev/null; then
    # sudo puts a path of its own in place of the caller's, which has Swift's clang on it.
    exec sudo --preserve-env=HOME,XDG_CACHE_HOME,TESTS,JOURNAL_FILE env "PATH=$PATH" Tests/SystemTests/run.sh "$bin"
fi
echo "test-system.sh: the system tests boot a systemd of their own, which only root may: run 'make test' as root" >&2
exit 77
