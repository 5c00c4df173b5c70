#!/usr/bin/env bats
# Reading a file is killed before each of its system calls that change files; the next reading gives the same store.
bats_require_minimum_version 1.5.0

setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    kill_at=$(dirname "$fallzahl")/fault/kill_at
    tests=$(realpath "$BATS_TEST_DIRNAME/..")
    folder=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d)
    cd "$folder"
    "$fallzahl" init before --test --quiet
    cat > before/fallzahl.yaml <<'YAML'
version: 1
timezone: UTC
sources:
  cases:
    files: "cases-*.csv"
    case_id: id
    closed_at: closed
    updated_at: updated
    keep_input_days: 5
    max_rejects: {percent: 50}
    identifiers: {customer: {column: customer, kind: id}, email: {column: email, kind: email}}
    dimensions:
      month: {date: closed_at, as: month}
      channel: {column: channel}
tables:
  channels: {period: month, by: [channel]}
YAML
    echo 'id,closed,updated,customer,email,channel
1,2026-01-02,2026-01-02,K1,,chat
2,2026-01-03,2026-01-03,,a@b.de,phone
3,2026-01-04,2026-01-04,K3,c@b.de,phone' > before/inbox/cases-1.csv
    "$fallzahl" -C before ingest --quiet --as-of 2026-02-01 before/inbox/cases-1.csv
    # The second file merges two persons, moves a case, corrects another and brings new ones and a bad row.
    echo 'id,closed,updated,customer,email,channel
4,2026-01-05,2026-01-05,K1,a@b.de,chat
3,2026-01-04,2026-01-09,K1,,letter
5,2026-01-06,2026-01-06,K5,,chat
6,never,2026-01-06,K6,,chat
7,2026-01-06,2026-01-06,K7,,chat' > before/inbox/cases-2.csv
}

teardown() {
    rm -rf "$folder"
}

ingest() {
    "$@" "$fallzahl" -C out ingest --quiet --as-of 2026-02-02 out/inbox/cases-2.csv
}

# What is there afterwards: the store, and the names of all other files (what is sealed differs each time).
look() {
    /usr/bin/python3 "$tests/store_dump.py" out/state/cases.db
    find out/inbox out/quarantine out/state/inputs -type f | sort
}

@test "killed at any instant while reading a file: the next reading gives the same store" {
    cp -a before out
    ingest
    look > expected
    for calls in $(seq 1 500); do
        rm -rf out && cp -a before out
        status=0
        ingest "$kill_at" "$calls" 2>/dev/null || status=$?
        [ "$status" -eq 99 ] || break
        [ ! -e out/inbox/cases-2.csv ] || ingest 2>/dev/null
        look | diff expected - || { echo "killed before call $calls"; false; }
    done
    [ "$status" -eq 0 ]
    [ "$calls" -gt 40 ]
    echo "# killed at $((calls - 1)) instants" >&3
}
