#!/usr/bin/env bash
# test-servers.sh: the tests of the servers that the other tests use.
set -euo pipefail
cd "$(dirname "$0")/../Tests/Support"
python3 -m unittest discover -q -s provider/tests -t .
cd oauth-server
python3 -m unittest discover -q -s tests -t .
