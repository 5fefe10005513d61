#!/usr/bin/env bash
# run.sh BIN_DIR [TEST…]: makes packages of two versions, and runs the tests: test_contents.py on this machine, each of the
# others inside a booted system of its own that is thrown away.
set -euo pipefail

bin=$(realpath "${1:?usage: run.sh BIN_DIR [TEST…]}")
shift
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
[ -x "$bin/toolauthd" ] || { echo "run.sh: no toolauthd in $bin" >&2; exit 66; }
if [ $# -eq 0 ]; then
    cd "$here"
    set -- test_*.py
fi

packages=$(mktemp -d /tmp/toolauthd-packages.XXXXXX)
trap 'rm -rf "$packages"' EXIT
chmod 755 "$packages"

# The same programs twice: what is tested is the way from one version to the next.
version=$("$root/scripts/version.sh")
"$root/scripts/deb.sh" --quick --output "$packages" "$bin" >/dev/null
"$root/scripts/deb.sh" --quick --output "$packages/next" --version "$version+next" "$bin" >/dev/null

export TOOLAUTHD_BIN=$bin TOOLAUTHD_PACKAGES=$packages PYTHONDONTWRITEBYTECODE=1
# Units, the journal, clients and providers are had as the other tests have them.
export PYTHONPATH=$root/Tests/SystemTests:$root/Tests/DurabilityTests:$root/Tests/CatalogueTests:$root/Tests/Support

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "run.sh: these tests boot a systemd of their own, which only root may" >&2; exit 77; }
    as_root=(sudo "--preserve-env=TOOLAUTHD_BIN,TOOLAUTHD_PACKAGES,PYTHONDONTWRITEBYTECODE,PYTHONPATH")
fi
for test in "$@"; do
    case $test in
    test_contents.py) python3 "$here/$test" -v ;;
    *)
        "${as_root[@]}" "$root/Tests/Support/systemd/with-systemd.sh" ${JOURNAL_FILE:+--journal "$JOURNAL_FILE"} \
            --bind "$packages" -- env PATH="$PATH" python3 "$here/$test" -v
        ;;
    esac
done
