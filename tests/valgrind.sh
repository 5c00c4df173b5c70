#!/bin/sh
# Runs the unit programs of a build folder under valgrind, for uninitialised memory (leaks are found by the asan variant).
# Closes with "N passed, N failed".
set -u
build=${1:-build/release}
passed=0 failed=0
for program in $(find "$build/unit" -type f -perm -u+x | sort); do
    if timeout 300 valgrind -q --error-exitcode=9 "$program" \
        > "$build/valgrind.txt" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "not ok $program under valgrind"
        sed 's/^/    /' "$build/valgrind.txt" | grep -v '\[ *\(RUN\|OK\) *\]' | head -n 60
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
