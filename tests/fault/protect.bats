#!/usr/bin/env bats
# fallzahl protect is killed before each of its system calls that change files: the output is the old file or the new one.
bats_require_minimum_version 1.5.0

setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    kill_at=$(dirname "$fallzahl")/fault/kill_at
    folder=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d)
    cd "$folder"
    printf 'a,b,n\nx,1,20\nx,2,3\ny,1,30\ny,2,25\n' > in.csv
}

teardown() {
    rm -rf "$folder"
}

protect() {
    "$fallzahl" protect in.csv --by a,b --freq n --k 5 --quiet --out "$1"
}

@test "killed at any instant: the old file or the new one, and the next run leaves nothing behind" {
    protect new.csv
    for calls in $(seq 1 50); do
        echo old > out.csv
        status=0
        "$kill_at" "$calls" "$fallzahl" protect in.csv --by a,b --freq n --k 5 --quiet --out out.csv || status=$?
        [ "$status" -eq 99 ] || break
        [ "$(cat out.csv)" = old ] || cmp out.csv new.csv
        protect out.csv
        cmp out.csv new.csv
        [ "$(find . -name '.tmp-*' | wc -l)" -eq 0 ]
    done
    [ "$status" -eq 0 ]
    [ "$calls" -gt 3 ]
    cmp out.csv new.csv
}
