#!/bin/sh
# Runs every test that the build folder and the tree offer, as many at once as there are processors, and closes with
# "N passed, N failed". Everything speaks TAP: unit programs (cmocka), bats, python3; all of it is in $build/tests.tap.
#   run.sh [BUILD]         all of them
#   run.sh BUILD TEST      one, into $build/tap
set -u
build=${1:-build/release}
FALLZAHL=$(pwd)/$build/fallzahl
CMOCKA_MESSAGE_OUTPUT=TAP
export FALLZAHL CMOCKA_MESSAGE_OUTPUT

tap_of() {
    printf '%s/tap/%s' "$build" "$(printf '%s' "$1" | tr / _)"
}

run() {
    case $1 in
    *.bats) bats --tap "$1" ;;
    *.py) /usr/bin/python3 "$1" ;;
    *) "$1" ;;
    esac
}

run_one() {
    tap=$(tap_of "$1")
    printf '# %s\n' "$1" > "$tap"
    if ! run "$1" >> "$tap" 2>"$tap.stderr"; then
        grep -q '^not ok' "$tap" || printf 'not ok %s exited with an error\n' "$1" >> "$tap"
        sed 's/^/    /' "$tap.stderr" >> "$tap"
    fi
}

if [ $# -eq 2 ]; then
    run_one "$2"
    exit
fi

# What takes long comes first, so that nothing long is left alone at the end.
list_tests() {
    find tests/attack tests/history tests/page -name 'test_*.py' | sort
    find tests/fault tests/cli tests/golden tests/real -name '*.bats' | sort
    find "$build/unit" -type f -perm -u+x | sort
}

log=$build/tests.tap
rm -rf "$build/tap"
mkdir -p "$build/tap"
list_tests > "$build/tests.list"
xargs -P "$(nproc)" -n 1 sh "$0" "$build" < "$build/tests.list"
while read -r test; do
    cat "$(tap_of "$test")"
done < "$build/tests.list" > "$log"

grep -h '^not ok' "$log"
grep -h '^ok.*# skip' "$log" | sed 's/^ok [0-9]* */skipped: /' | sort | uniq -c | sort -rn | head -n 40
passed=$(grep -c '^ok' "$log")
failed=$(grep -c '^not ok' "$log")
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
