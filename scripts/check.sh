#!/usr/bin/env bash
# check.sh: the stricter checks. Each says what it looks at; the first that fails ends the run.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s (after %d s)\n' "$*" "$SECONDS"; }

scripts/setup.sh check

step "Format (swift format lint --strict)"
swift format lint --strict --recursive --parallel Package.swift Sources Tests Examples

step "Shell scripts (shellcheck)"
mapfile -t scripts < <(git ls-files '*.sh' '.ci/run' packaging/debian/{postinst,prerm,postrm})
shellcheck "${scripts[@]}"

step "Python (compiles)"
mapfile -t python < <(git ls-files '*.py')
python3 -m py_compile "${python[@]}"

step "Build without warnings"
TOOLAUTHD_WARNINGS_AS_ERRORS=1 scripts/quietly.sh swift build --build-tests

step "Units (systemd-analyze verify, security)"
layer=$(mktemp -d)
trap 'rm -rf "$layer"' EXIT
chmod 755 "$layer"
for program in toolauthd toolauthctl; do
    install -D -m 755 /bin/true "$layer/usr/bin/$program"
done
install -D -m 644 -t "$layer/etc/systemd/system" systemd/*.service systemd/*.socket
install -D -m 644 -t "$layer/user" systemd/user/*
mkdir "$layer/run"
# Each shows what is said of the units, and succeeds if there is something. What is said of units of this machine is not ours,
# and makes the exit status useless. The manual pages are not installed here.
system_complaints() {
    local said
    said=$(systemd-analyze verify --man=no --root="$layer" --recursive-errors=no \
        toolauthd.service toolauthd.socket toolauthd-callback.socket 2>&1) || true
    grep toolauthd <<<"$said"
}
# The user's units name /usr/bin/toolauthd, which this machine need not have.
user_complaints() {
    local said
    said=$(XDG_RUNTIME_DIR="$layer/run" systemd-analyze verify --man=no --user --recursive-errors=no "$layer"/user/* 2>&1) || true
    grep -v 'Command /usr/bin/toolauth.* is not executable' <<<"$said" | grep toolauthd
}
for whose in system user; do
    if "${whose}_complaints"; then exit 1; fi
done
systemd-analyze security --offline=true --threshold=15 --root="$layer" toolauthd.service | tail -n 1
# Whether they would see a mistake.
sed -i 's/^\[Service\]$/&\nTypoKey=yes/' "$layer"/{etc/systemd/system,user}/toolauthd.service
for whose in system user; do
    [[ $("${whose}_complaints") == *TypoKey* ]] || { echo "a bad key in the units of the $whose goes unseen" >&2; exit 1; }
done

step "Manual pages and completions (made, and without complaints of groff and the shell)"
scripts/manual.sh
for page in .build/share/man/man?/*; do
    # 0: no complaint of any kind.
    [ -z "$(groff -Kutf8 -Tutf8 -mandoc -ww -z "$page" 2>&1 | tee /dev/stderr)" ]
done
bash -n .build/share/bash-completion/completions/toolauthctl

step "The page after consent, in Chromium"
scripts/test-browser.sh "$(swift build --show-bin-path)"

step "Debian package (lintian; installed, upgraded, removed and purged under systemd)"
scripts/quietly.sh scripts/build-release.sh
scripts/test-package.sh

step "Contract (openapi.json by hand, and 2 000 generated requests)"
scripts/check-contract.sh "$(swift build --show-bin-path)"

step "Simulation of the refresh engine (10 000 seeds, optimized)"
simulation=(-c release --scratch-path .build-simulation)
export TOOLAUTHD_TESTS=RefreshSimulationTests
scripts/quietly.sh swift build --build-tests -Xswiftc -enable-testing "${simulation[@]}"
runs=()
for seeds in 1-5000 5001-10000; do
    SIMULATION_SEEDS=$seeds swift test --skip-build "${simulation[@]}" --filter invariants >".build-simulation/$seeds.log" 2>&1 &
    runs+=("$! $seeds")
done
failed=
for run in "${runs[@]}"; do
    wait "${run% *}" || failed=1
    grep -E 'SIMULATION_SEEDS|^simulated' ".build-simulation/${run#* }.log" || failed=1
done
unset TOOLAUTHD_TESTS
[ -z "$failed" ]

step "Sanitizers (transport, store, refresh and API suites under the thread and the address sanitizer)"
for sanitizer in thread address; do
    scripts/quietly.sh scripts/test-sanitized.sh "$sanitizer"
done

# The same inputs each time: a check says what a change broke. New ones are for make fuzz.
step "Fuzzing (each program for 20 s; make fuzz has an hour)"
FUZZ_SEED=1 scripts/fuzz.sh 20

step "All checks passed"
