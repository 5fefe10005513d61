#!/usr/bin/env bash
# fuzz.sh SECONDS [TARGET…]: gives each program of Tests/Fuzz/Targets inputs for so long, as many at once as there are
# processors. Without targets: all. What libFuzzer adds to a corpus lies in .build-fuzz/found, and is begun with the next time;
# what ends a target lies there too. FUZZ_SEED makes a run the same each time, as far as its seconds reach.
set -euo pipefail
cd "$(dirname "$0")/.."

[[ ${1-} =~ ^[1-9][0-9]*$ ]] || { printf 'usage: scripts/fuzz.sh SECONDS [TARGET…]\n' >&2; exit 64; }
seconds=$1
shift
scripts/setup.sh fuzz
work=.build-fuzz/found
if [ $# -gt 0 ]; then targets=("$@"); else mapfile -t targets < <(ls Tests/Fuzz/Targets); fi

# Of its own: the suites under the address sanitizer are built otherwise.
flags=(--sanitize=address --scratch-path .build-fuzz -c release -Xswiftc -enable-testing)
export TOOLAUTHD_FUZZ=1
scripts/quietly.sh swift build "${flags[@]}"
bin=$(swift build "${flags[@]}" --show-bin-path)

mkdir -p "$work"
# The books that the address sanitizer keeps of each allocation grow with the inputs; the artifact, given to the program alone, is
# told of with all of them. Leaks show in the memory that is used: the leak sanitizer does not see what globals hold in the spare
# bits of enumerations.
export ASAN_OPTIONS=malloc_context_size=2:quarantine_size_mb=32:detect_leaks=0
# Swift's own backtraces read memory that the address sanitizer guards.
export SWIFT_BACKTRACE=enable=no

# Arguments: target.
run() {
    local target=$1 status=0
    local corpus=$work/corpus/$target log=$work/$target.log
    mkdir -p "$corpus"
    local options=(
        -max_total_time="$seconds" -max_len=8192 -timeout=20 -rss_limit_mb=1024 -detect_leaks=0
        -print_final_stats=1 -seed="${FUZZ_SEED:-0}" -artifact_prefix="$work/$target-"
    )
    [ ! -f "Tests/Fuzz/Dictionaries/$target.dict" ] || options+=(-dict="Tests/Fuzz/Dictionaries/$target.dict")
    # Found inputs go to the first corpus; the committed one is only read.
    "$bin/Fuzz$target" "${options[@]}" "$corpus" "Tests/Fuzz/Corpora/$target" >"$log" 2>&1 || status=$?
    if [ "$status" -ne 0 ]; then
        grep -E '^(==[0-9]+==)?ERROR|Fatal error|SUMMARY|^artifact_prefix|Test unit written' "$log" || tail -n 20 "$log"
        printf '%s failed: %s has all of it. Again: SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 %s ARTIFACT\n' \
            "$target" "$log" "$bin/Fuzz$target"
        return 1
    fi
    # A program whose libraries were not built to be fuzzed sees nearly nothing of what its corpus reaches.
    awk -v target="$target" '
        / cov: [0-9]+ / { sub(/.* cov: /, ""); coverage = $1; if (!first) first = coverage }
        /^stat::number_of_executed_units/ { runs = $2 }
        END {
            printf "%-18s %10d inputs, coverage %d, at first %d\n", target, runs, coverage, first
            if (first < 100) { print target ": the coverage is too small: is its code instrumented?"; exit 1 }
        }' "$log"
}

failed=
running=0
for target in "${targets[@]}"; do
    [ -x "$bin/Fuzz$target" ] || { printf 'there is no target %s in Tests/Fuzz/Targets\n' "$target" >&2; exit 64; }
    if [ "$running" -ge "$(nproc)" ]; then
        wait -n || failed=1
        running=$((running - 1))
    fi
    run "$target" &
    running=$((running + 1))
done
while [ "$running" -gt 0 ]; do
    wait -n || failed=1
    running=$((running - 1))
done
[ -z "$failed" ]
