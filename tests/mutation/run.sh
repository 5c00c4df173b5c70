#!/bin/sh
# Switches each rule of mutants.list off in a copy of the sources, builds, and runs the test that has to notice.
# Closes with "N passed, N failed". With arguments after the build folder: only the mutants whose names hold one of them.
set -u
build=${1:-build/release}
[ $# -gt 0 ] && shift
copy=build/mutation
variant=${build#build/}
passed=0 failed=0

rm -rf "$copy"
mkdir -p "$copy/$build"
cp -a Makefile core etl stats surveys reports cli examples tests "$copy/"
for part in "$build"/*; do
    case "$part" in */unit) ;; *) cp -a "$part" "$copy/$build/" ;; esac
done

# The test fails, and not because it cannot be built.
notices() {
    case "$1" in
    tests/cli/*) make -s VARIANT="$variant" all && ! FALLZAHL="$PWD/$build/fallzahl" bats "$1" ;;
    tests/attack/* | tests/page/*) make -s VARIANT="$variant" all && ! FALLZAHL="$PWD/$build/fallzahl" /usr/bin/python3 "$1" ;;
    *) make -s VARIANT="$variant" "$build/unit/$1" && ! "$build/unit/$1" ;;
    esac
}

wanted() {
    name=$1
    shift
    [ $# -eq 0 ] && return 0
    for word in "$@"; do
        case "$name" in *"$word"*) return 0 ;; esac
    done
    return 1
}

try() {
    wanted "$@" || return 0
    file=$(echo "$row" | cut -d '|' -f 2 | tr -d ' ')
    expression=$(echo "$row" | sed 's/^[^|]*|[^|]*| //; s/ | [^|]*$//')
    test=$(echo "$row" | sed 's/.* | //')
    cp "$copy/$file" "$copy/original"
    sed -i "$expression" "$copy/$file"
    if cmp -s "$copy/$file" "$copy/original"; then
        failed=$((failed + 1))
        echo "not ok $1: nothing to switch off in $file"
    elif (cd "$copy" && notices "$test") > "$copy/log.txt" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "not ok $1: $test does not notice that it is off in $file"
        grep -E 'error|rror:' "$copy/log.txt" | head -n 5
    fi
    cp "$copy/original" "$copy/$file"
}

while read -r row; do
    case "$row" in '#'* | '') continue ;; esac
    try "$(echo "$row" | sed 's/ *|.*//')" "$@"
done < tests/mutation/mutants.list
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
