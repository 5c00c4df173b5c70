#!/usr/bin/env bats
# Backup, restore, erasure, retention and the rotation and end of keys are killed before each STEP-th system call that changes files, meet a
# full disk and failing syncs; done again they come to the same state, and the evidence log is whole. `make test` tries every STEP-th
# call, `make check` all of them (FAULT_STEP=1).
bats_require_minimum_version 1.5.0

setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    kill_at=$(dirname "$fallzahl")/fault/kill_at
    tests=$(realpath "$BATS_TEST_DIRNAME/..")
    folder=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d)
    cd "$folder"
    . "$BATS_TEST_DIRNAME/../cli/rights_workspace.bash"
    make_rights_workspace before
    printf '%s\n' id,closed,customer,email,channel 1,2026-01-02,K1,a@mail.example,chat 2,2026-01-03,K1,,chat 3,2026-01-04,K2,b@mail.example,chat > cases.csv
    "$fallzahl" -C before ingest --source cases --quiet --keep --as-of 2026-02-01 cases.csv
    printf '%s\n' "$header" \
        'i1,nordhaus,opt_in,customer=K1,a@mail.example,de,DE,email,,2026-01-05,,' \
        'i2,nordhaus,opt_in,customer=K2,b@mail.example,de,DE,email,,2026-01-05,,' > subjects.csv
    "$fallzahl" -C before subjects --quiet --as-of 2026-02-01 subjects.csv
}

teardown() {
    ! mountpoint -q "$folder/full" 2>/dev/null || umount "$folder/full"
    rm -rf "$folder"
}

databases() {
    for db in "$1"/cases.db "$1"/surveys.db; do
        /usr/bin/python3 "$tests/store_dump.py" "$db" | grep -v '^contact '
        sqlite3 "$db" 'PRAGMA integrity_check'
    done
    sqlite3 "$1/surveys.db" 'SELECT recipient, controller FROM contact'
}

look() {
    databases "$w/state"
    (cd "$w" && find keys state quarantine outbox published \( -name '*-wal' -o -name '*-shm' -o -name clock -o -path '*state/runs/*' \) -prune -o -type f -print | sort)
    "$fallzahl" -C "$w" key status --json --as-of "$at" | jq -c '.[] | [.purpose, .epoch, .place, .rows]'
    [ ! -e "$w/state/restored" ] || cat "$w/state/restored"
    for copy in "$w"/state/backups/backup-*; do
        [ ! -e "$copy/manifest.json" ] || { databases "$copy"; jq -c '.databases | map_values(.schema)' "$copy/manifest.json"; }
    done
    rm -f "$w"/state/backups/*/*-wal "$w"/state/backups/*/*-shm
    "$fallzahl" -C "$w" status --evidence --as-of "$at" >/dev/null || echo "the evidence log is broken"
}

# The functions act [WRAPPER...] and again are the test's own: the act on the workspace $w, and what an operator or the next night does.
every_call() {
    w=$folder/out killed=0 call=1 status=99
    cp -a before out
    act >/dev/null 2>&1
    look > expected
    ! grep -q broken expected
    while [ "$status" -eq 99 ]; do
        rm -rf out && cp -a before out
        status=0
        act "$kill_at" "$call" >/dev/null 2>&1 || status=$?
        [ "$status" -eq 99 ] || break
        again >/dev/null 2>&1 || true
        look | diff expected - || { echo "killed before call $call"; false; }
        killed=$((killed + 1)) call=$((call + ${FAULT_STEP:-29}))
    done
    [ "$status" -eq 0 ]
    [ "$killed" -ge 1 ]
    echo "# killed at $killed instants" >&3
}

# Every tenth sync fails, then every third; after that the disk is well again.
failing_syncs() {
    case $fallzahl in */asan/*) return 0 ;; esac # no fault injection under the sanitizers
    command -v fiu-run >/dev/null || { echo "# NO fiu-run: failing syncs are not tested" >&3; return 0; }
    for share in 0.1 0.3; do
        for name in fsync fdatasync; do
            rm -rf out && cp -a before out
            act fiu-run -x -c "enable_random name=posix/io/sync/$name,probability=$share" >/dev/null 2>&1 || true
            again >/dev/null 2>&1 || true
            look | diff expected - || { echo "$name failed, $share"; false; }
        done
    done
}

# Room for a few pages more, then for none.
full_disk() {
    [ "$(id -u)" -eq 0 ] && mkdir -p full && mount -t tmpfs -o size=6m tmpfs full 2>/dev/null || { echo "# NO small file system: a full disk is not tested" >&3; return 0; }
    for left in 8 0; do
        rm -rf full/* && cp -a before full/out
        w=$folder/full/out
        dd if=/dev/zero of=full/ballast bs=1k count=99999 2>/dev/null || true
        truncate -s "-${left}k" full/ballast
        ! act >/dev/null 2>&1 || { echo "$left kB were enough"; [ "$left" -gt 0 ]; }
        rm full/ballast
        again >/dev/null 2>&1 || true
        look | diff expected - || { echo "the disk was full, but for $left kB"; false; }
    done
    umount full
}

trouble() {
    every_call
    failing_syncs
    full_disk
}

@test "a backup is whole or not there" {
    at=2026-02-02
    act() { "$@" "$fallzahl" -C "$w" backup --quiet --as-of "$at"; }
    again() { act; }
    trouble
}

@test "a restore puts every database back, and has noted it before" {
    at=2026-02-03
    "$fallzahl" -C before backup --quiet --as-of 2026-02-02
    rm before/state/*.db*
    act() { "$@" "$fallzahl" -C "$w" restore --quiet --as-of "$at" "$w"/state/backups/backup-*; }
    again() { act; }
    trouble
    grep -qx 2026-02-02T00:00:00Z expected
}

@test "P4: an erasure for a person is finished" {
    at=2026-02-02
    act() { "$@" "$fallzahl" -C "$w" person forget customer=K1 --quiet --as-of "$at"; }
    again() { act; }
    trouble
}

@test "P5: a retention is finished" {
    at=2027-01-03
    "$fallzahl" -C before backup --quiet --as-of 2026-02-02
    act() { "$@" "$fallzahl" -C "$w" retention --quiet --as-of "$at"; }
    again() { act; }
    trouble
    ! grep -q 'backup-' expected
}

@test "a rotation makes one key" {
    at=2026-02-02
    act() { "$@" "$fallzahl" -C "$w" key rotate --quiet --as-of "$at"; }
    again() { [ -e "$w/keys/analytics.2" ] || act; }
    trouble
    grep -q '"analytics",2,"file"' expected
}

@test "a key on which nothing rests is destroyed" {
    at=2026-02-04
    "$fallzahl" -C before key rotate --quiet --as-of 2026-02-02
    sed 's/2026-01/2026-02/; s/^\([0-9]\),/9\1,/' cases.csv | sed 's/2026-02-0[234]/2026-02-01/' > again.csv
    "$fallzahl" -C before ingest --source cases --quiet --keep --as-of 2026-02-03 again.csv
    act() { "$@" "$fallzahl" -C "$w" run --quiet --as-of "$at"; }
    again() { act; }
    every_call
    ! grep -q 'keys/analytics.1' expected
}
