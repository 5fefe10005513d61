#!/usr/bin/env bash
# test-servers.sh: the tests that need no daemon: of the servers that the other tests use, and of the Python example
# against a scripted socket.
set -euo pipefail
root=$(realpath "$(dirname "$0")/..")
cd "$root/Tests/Support"
python3 -m unittest discover -q -s provider/tests -t .
python3 -m unittest discover -q -s leaks/tests -t .
python3 -m unittest discover -q -s checklist/tests -t .
python3 -m catalogue.check catalogue/habits
python3 -m unittest discover -q -s catalogue/tests -t .
cd oauth-server
python3 -m unittest discover -q -s tests -t .
cd "$root/Examples/python-toolkit-adapter"
python3 -m unittest discover -q -s tests/unit -t .
