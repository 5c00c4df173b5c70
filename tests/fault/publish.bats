#!/usr/bin/env bats
# Publishing is killed before each of its system calls that change files.

setup() {
    tools=$(dirname "${FALLZAHL:-$BATS_TEST_DIRNAME/../../build/release/fallzahl}")
    # What is synced does not matter here, and in memory it costs no time.
    scratch=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d)
}

teardown() {
    rm -rf "$scratch"
}

@test "killed at any instant: latest is a whole release, and the next run finishes" {
    "$tools/golden/make_release" "$scratch/before" 2026-01-31
    cp -a "$scratch/before" "$scratch/after"
    "$tools/golden/make_release" "$scratch/after" 2026-02-28
    for calls in $(seq 1 500); do
        rm -rf "$scratch/out" && cp -a "$scratch/before" "$scratch/out"
        status=0
        "$tools/fault/kill_at" "$calls" "$tools/golden/make_release" "$scratch/out" 2026-02-28 || status=$?
        [ "$status" -eq 99 ] || break
        diff -r "$scratch/out/latest" "$scratch/after/$(readlink "$scratch/out/latest")"
        "$tools/golden/make_release" "$scratch/out" 2026-02-28
        diff -r "$scratch/out" "$scratch/after"
        [ "$(readlink "$scratch/out/latest")" = 2026-02-28 ]
    done
    [ "$status" -eq 0 ]
    [ "$calls" -gt 40 ]
    diff -r "$scratch/out" "$scratch/after"
}
