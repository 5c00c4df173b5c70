#!/bin/sh
# Runs every test that the build folder and the tree offer and closes with "N passed, N failed".
# Everything speaks TAP: unit programs (cmocka), tests/cli and tests/real (bats), tests/attack and tests/page (python3).
set -u
build=${1:-build/release}
FALLZAHL=$(pwd)/$build/fallzahl
CMOCKA_MESSAGE_OUTPUT=TAP
export FALLZAHL CMOCKA_MESSAGE_OUTPUT
log=$build/tests.tap
: > "$log"

run() {
    printf '# %s\n' "$1" >> "$log"
    shift
    if ! "$@" >> "$log" 2>"$build/stderr.txt"; then
        printf 'not ok %s exited with an error\n' "$*" > "$build/exit.txt"
        tail -n 400 "$log" | sed -n '/^# /h;/^not ok/p' | tail -n 1 | grep -q '^not ok' || cat "$build/exit.txt" >> "$log"
        sed 's/^/    /' "$build/stderr.txt" >> "$log"
    fi
}

for program in $(find "$build/unit" -type f -perm -u+x | sort); do
    run "$program" "$program"
done
for folder in tests/cli tests/golden tests/fault tests/real; do
    for file in "$folder"/*.bats; do
        [ -e "$file" ] && run "$file" bats --tap "$file"
    done
done
for file in tests/attack/test_*.py tests/history/test_*.py tests/page/test_*.py; do
    [ -e "$file" ] && run "$file" /usr/bin/python3 "$file"
done

grep -h '^not ok' "$log"
grep -h '^ok.*# skip' "$log" | sed 's/^ok [0-9]* */skipped: /' | sort | uniq -c | sort -rn | head -n 40
passed=$(grep -c '^ok' "$log")
failed=$(grep -c '^not ok' "$log")
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
