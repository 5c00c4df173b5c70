#!/bin/sh
# Runs the unit programs of a build folder under valgrind, for uninitialised memory (leaks are found by the asan variant), one on
# each processor. Closes with "N passed, N failed".
set -u
build=${1:-build/release}
out=$build/valgrind
rm -rf "$out"
mkdir -p "$out"
find "$build/unit" -type f -perm -u+x | sort | xargs -P "$(nproc)" -I '{}' sh -c '
    log=$1/$(echo "$2" | tr / _)
    if timeout 600 valgrind -q --error-exitcode=9 "$2" > "$log.txt" 2>&1; then
        mv "$log.txt" "$log.passed"
    else
        mv "$log.txt" "$log.failed"
    fi' valgrind "$out" '{}'
for log in "$out"/*.failed; do
    [ -e "$log" ] || continue
    echo "not ok $(basename "$log" .failed) under valgrind"
    sed 's/^/    /' "$log" | grep -v '\[ *\(RUN\|OK\) *\]' | head -n 60
done
passed=$(find "$out" -name '*.passed' | wc -l)
failed=$(find "$out" -name '*.failed' | wc -l)
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
