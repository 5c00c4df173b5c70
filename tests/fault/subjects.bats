#!/usr/bin/env bats
# Events are killed before each system call that changes files; the next run comes to the same state, in both databases and the spool.
bats_require_minimum_version 1.5.0

setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    kill_at=$(dirname "$fallzahl")/fault/kill_at
    tests=$(realpath "$BATS_TEST_DIRNAME/..")
    folder=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d)
    cd "$folder"
    . "$BATS_TEST_DIRNAME/../cli/rights_workspace.bash"
    make_rights_workspace before
    printf '%s\n' id,closed,customer,email,channel 1,2026-01-02,K1,a@mail.example,chat 2,2026-01-03,K1,,chat 3,2026-01-04,K2,b@mail.example,chat \
        4,2026-01-05,K3,c@mail.example,chat > cases.csv
    "$fallzahl" -C before ingest --source cases --quiet --as-of 2026-02-01 cases.csv
    printf '%s\n' "$header" 'i1,nordhaus,opt_in,customer=K1,a@mail.example,de,DE,email,,2026-01-05,,' \
        'i2,nordhaus,opt_in,customer=K2,b@mail.example,de,DE,email,,2026-01-05,,' \
        'i3,nordhaus,opt_in,customer=K3,c@mail.example,de,DE,email,,2026-01-05,,' > subjects.csv
    "$fallzahl" -C before subjects --quiet --as-of 2026-02-01 subjects.csv
    for message in 1 2 3; do # messages that wait
        sqlite3 before/state/surveys.db "
            INSERT OR IGNORE INTO survey_plan (plan, survey, wave, planned_at, planned_by, plan_hash, audience_digest, questions_digest, anonymity)
                VALUES (1, 'service', 1, 1, 'x', x'01', x'02', x'03', 'anonymous');
            INSERT INTO invitation (invitation, plan, survey, wave, recipient, case_hash, token_hash, key_epoch, reserved_at, expires_at, state, decision)
                VALUES ($message, 1, 'service', 1, $message, x'00', x'0$message', 1, 1, 99, 'spooled', '{}');
            INSERT INTO sending (invitation, number, file_name, reserved_at, state) VALUES ($message, 0, 'm$message', 1, 'spooled');"
        echo "To: $message" > before/outbox/m$message.eml
    done
    printf '%s\n' "$header" 'o1,,objection,a@mail.example,,,,,,2026-02-01,,' 'e2,,erasure,customer=K2,,,,,,2026-02-01,,' \
        'bad,,objection,,,,,,,2026-02-01,,' > before/inbox/subjects-1.csv
    touch before/inbox/subjects-1.csv.ok
}

teardown() {
    rm -rf "$folder"
}

subjects() {
    "$@" "$fallzahl" -C out subjects --quiet --as-of 2026-02-02 out/inbox/subjects-1.csv
}

look() {
    for db in cases surveys; do
        /usr/bin/python3 "$tests/store_dump.py" "out/state/$db.db" | grep -v '^contact '
        sqlite3 "out/state/$db.db" 'PRAGMA integrity_check'
    done
    sqlite3 out/state/surveys.db 'SELECT recipient, controller FROM contact'
    find out/inbox out/outbox out/quarantine out/answers -type f | sort
}

@test "killed at any instant of an objection and an erasure: the next run comes to the same state" {
    cp -a before out
    subjects 2>/dev/null || true
    look > expected
    grep -qx 'out/outbox/m3.eml' expected
    ! grep -q 'out/outbox/m[12].eml' expected || false
    for calls in $(seq 1 600); do
        rm -rf out && cp -a before out
        status=0
        subjects "$kill_at" "$calls" 2>/dev/null || status=$?
        [ "$status" -eq 99 ] || break
        # The next night, whatever was left: the file, or only the half of it that is in the journal.
        "$fallzahl" -C out requests --quiet --as-of 2026-02-02 2>/dev/null
        [ ! -e out/inbox/subjects-1.csv ] || subjects 2>/dev/null || true
        look | diff expected - || { echo "killed before call $calls"; false; }
    done
    [ "$status" -eq 65 ]
    [ "$calls" -gt 60 ]
    echo "# killed at $((calls - 1)) instants" >&3
}
