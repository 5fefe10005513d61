#!/usr/bin/env bash
# test-catalogue.sh: the built daemon with every document of the catalogue, at a server that plays all the providers. See
# Tests/CatalogueTests.
set -euo pipefail
cd "$(dirname "$0")/.."
exec Tests/CatalogueTests/run.sh "$(scripts/bin-path.sh)" "$@"
