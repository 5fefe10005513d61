#!/usr/bin/env bash
# bench.sh [OPTION…] [NAME…]: measure the release build (after `make build`), by all benchmarks or by those named, see
# Benchmarks/README.md. `bench.sh --help` lists the options. Installs nginx with Lua, h2load, oidc-agent and, in a
# virtual environment, requests and SQLAlchemy where they are missing.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh bench

# A network of their own, with nothing in it but loopback, where a name server that never answers can have its port.
run=(python3 Benchmarks/bench.py)
export PYTHONDONTWRITEBYTECODE=1
for apart in "unshare --net" "unshare --user --map-root-user --net"; do
    read -ra apart <<<"$apart"
    if "${apart[@]}" ip link set lo up 2>/dev/null; then
        # shellcheck disable=SC2016 # for the inner shell
        exec "${apart[@]}" sh -c 'ip link set lo up && exec "$@"' bench.sh "${run[@]}" "$@"
    fi
done
echo "bench.sh: no network namespace can be had here, so the machine's own loopback is used" >&2
exec "${run[@]}" "$@"
