#!/usr/bin/env bats
# Surveys are killed before each system call that changes files, and meet full disks, failing syncs, a second sender and a mail
# system that picks up in between: every reserved invitation is in the spool or in sent/ exactly once. `make test` tries every
# STEP-th call, `make check` all of them (FAULT_STEP=1).
bats_require_minimum_version 1.5.0

setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    kill_at=$(dirname "$fallzahl")/fault/kill_at
    folder=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d)
    cd "$folder"
    . "$BATS_TEST_DIRNAME/../cli/survey_workspace.bash"
    make_workspace 3
}

teardown() {
    umount w/outbox 2>/dev/null || true
    ! mountpoint -q "$folder/full" 2>/dev/null || umount "$folder/full"
    rm -rf "$folder"
}

day=2026-02-03T10:00:00Z

# every_call COMMAND...: from a fresh copy, kills the command at one call after the other, then calls `after`.
every_call() {
    cp -r w fresh
    call=1 killed=0
    while :; do
        rm -rf w && cp -r fresh w
        status=0
        "$kill_at" "$call" "$fallzahl" -C w "$@" >/dev/null 2>&1 || status=$?
        after
        [ "$status" -eq 99 ] || break
        killed=$((killed + 1)) call=$((call + ${FAULT_STEP:-11}))
    done
    [ "$status" -eq 0 ]
    echo "# $killed instants" >&3
    [ "$killed" -ge 3 ]
}

# Each reservation has its message once, in the spool or in sent/, and no message is without one.
each_once() {
    [ "$(sql "SELECT file_name FROM (SELECT file_name, state FROM sending UNION ALL SELECT file_name, state FROM confirmation)
              WHERE state IN ('spooled', 'sent') ORDER BY 1")" = \
        "$(find w/outbox -name '*.eml' -printf '%f\n' | sed 's/\.eml$//' | sort)" ]
    [ -z "$(find w/outbox -name '.tmp-*')" ]
}

@test "plan: killed at any call, there is one plan and it is whole" {
    after() {
        survey plan $day >/dev/null
        [ "$(sql 'SELECT count(*), (SELECT count(*) FROM plan_recipient) FROM survey_plan')" = '1|3' ]
    }
    every_call survey service plan --as-of $day
}

@test "approve: killed at any call, it is approved once the command is repeated, by the one who called" {
    hash=$(survey plan $day | sed -n 's/^plan: //p')
    after() {
        survey approve "$hash" $day >/dev/null
        [ "$(sql 'SELECT approved_by, approved_at FROM survey_plan')" = "$(id -un)|$(date -u -d $day +%s)" ]
    }
    every_call survey service approve "$hash" --as-of $day
}

@test "send: killed at any call, then on: each message once" {
    plan_and_approve $day
    after() {
        survey send 2026-02-03T11:00:00Z >/dev/null
        each_once
        [ "$(waiting)" = 3 ]
    }
    every_call survey service send --as-of $day
}

@test "send: a mail system picks up whatever it finds after the kill, also between link and commit" {
    plan_and_approve $day
    after() {
        [ -z "$(find w/outbox -maxdepth 1 -name '*.eml')" ] || pick_up w/outbox/*.eml
        survey send 2026-02-03T11:00:00Z >/dev/null
        each_once
        [ "$(find w/outbox -name '*.eml' | wc -l)" = 3 ]
    }
    every_call survey service send --as-of $day
}

@test "send: killed at any call, then everybody objects: nothing is left that could go" {
    plan_and_approve $day
    after() {
        change "INSERT INTO consent_event (recipient, controller, purpose, kind, origin, occurred_at, recorded_at, event_digest) SELECT recipient, '*', '*', 'objection', 'event', 1770112800, 1770112800, randomblob(32) FROM recipient"
        survey send 2026-02-03T11:00:00Z >/dev/null
        [ "$(waiting)" = 0 ]
    }
    every_call survey service send --as-of $day
}

@test "remind: killed at any call, then on: one reminder each" {
    plan_and_approve $day
    survey send $day
    pick_up w/outbox/*.eml
    after() {
        survey send 2026-02-11T11:00:00Z >/dev/null
        each_once
        [ "$(waiting)" = 3 ]
        [ "$(sql 'SELECT sum(reminders) FROM invitation')" = 3 ]
    }
    every_call survey service send --as-of 2026-02-11T10:00:00Z
}

# Everybody has to confirm first.
needs_click() {
    echo 'double_opt_in: true' >> w/surveys/service.yaml
}

@test "confirm: killed at any call, then on: one request each" {
    needs_click
    plan_and_approve $day
    after() {
        survey send 2026-02-03T11:00:00Z >/dev/null
        each_once
        [ "$(waiting)" = 3 ]
        [ "$(sql 'SELECT count(*), count(DISTINCT recipient) FROM confirmation')" = '3|3' ]
    }
    every_call survey service send --as-of $day
}

@test "confirm: a mail system picks up whatever it finds after the kill, also between link and commit" {
    needs_click
    plan_and_approve $day
    after() {
        [ -z "$(find w/outbox -maxdepth 1 -name '*.eml')" ] || pick_up w/outbox/*.eml
        survey send 2026-02-03T11:00:00Z >/dev/null
        each_once
        [ "$(find w/outbox -name '*.eml' | wc -l)" = 3 ]
    }
    every_call survey service send --as-of $day
}

@test "confirm: killed at any call of a second request, then on: one more each" {
    needs_click
    plan_and_approve $day
    survey send $day
    pick_up w/outbox/*.eml
    change "INSERT INTO consent_event (recipient, controller, purpose, kind, origin, occurred_at, recorded_at, event_digest)
            SELECT recipient, controller, 'service_survey', 'opt_in', 'event', reserved_at + 60, reserved_at + 60, randomblob(32) FROM confirmation"
    after() {
        survey send 2026-03-06T11:00:00Z >/dev/null
        each_once
        [ "$(waiting)" = 3 ]
        [ "$(sql 'SELECT request, count(*) FROM confirmation GROUP BY 1' | tr '\n' ' ')" = '1|3 2|3 ' ]
    }
    every_call survey service send --as-of 2026-03-06T10:00:00Z
}

# report N KIND FIELDS: a returned message about the N-th invitation lies in the mailbox.
report() {
    id=$(sql "SELECT file_name FROM sending ORDER BY file_name LIMIT 1 OFFSET $1 - 1")
    printf '%s\r\n' "To: bounce+$id@nordhaus.example" 'MIME-Version: 1.0' "Content-Type: multipart/report; report-type=$2; boundary=b" '' '--b' \
        "Content-Type: message/$2" '' "$3" '' "$4" "Original-Mail-From: <bounce+$id@nordhaus.example>" '--b--' > "w/bounces/new/$1"
}

@test "bounces: killed at any call, each counts once, and the complaint is an opt-out" {
    printf 'surveys:\n  bounces: bounces\n' >> w/fallzahl.yaml
    mkdir -p w/bounces/new w/bounces/cur w/bounces/tmp
    plan_and_approve $day
    survey send $day
    pick_up w/outbox/*.eml
    report 1 delivery-status 'Reporting-MTA: dns; x' $'Action: failed\r\nStatus: 5.1.1'
    report 2 delivery-status 'Reporting-MTA: dns; x' $'Action: failed\r\nStatus: 5.2.2'
    report 3 feedback-report 'Feedback-Type: abuse' 'Version: 1'
    after() {
        survey send 2026-02-03T12:00:00Z >/dev/null
        [ "$(sql 'SELECT kind, count(*) FROM bounce GROUP BY kind' | tr '\n' ' ')" = 'complaint|1 full|1 hard|1 ' ]
        [ "$(sql "SELECT count(*) FROM consent_event WHERE kind = 'opt_out' AND origin = 'mail'")" = 1 ]
        [ -z "$(ls w/bounces/new)" ]
    }
    every_call survey service send --as-of 2026-02-03T11:00:00Z
}

@test "halt: killed at any call, then on: nothing waits" {
    plan_and_approve $day
    survey send $day
    after() {
        survey halt $day >/dev/null
        [ "$(waiting)" = 0 ]
        [ "$(sql 'SELECT state, count(*) FROM sending GROUP BY state')" = 'pulled|3' ]
    }
    every_call survey service halt --as-of $day
}

@test "hand-off: killed at any call, then on: each person in one file, each file with its manifest" {
    sed -i -e 's/^transport: spool/transport: handoff\nvendor: V/' w/surveys/service.yaml
    plan_and_approve $day
    after() {
        survey send 2026-02-03T11:00:00Z >/dev/null
        for file in w/outbox/handoff-*-service.csv; do
            [ "$(jq -r .sha256 "${file%.csv}.json")" = "$(sha256sum "$file" | cut -d' ' -f1)" ]
        done
        [ "$(cat w/outbox/handoff-*-service.csv | grep -c '^[0-9a-f]\{32\},')" = 3 ]
        [ "$(sql 'SELECT count(*), sum(people) FROM disclosure WHERE finished = 1')" = '1|3' ]
        [ "$(sql 'SELECT state, count(*) FROM sending GROUP BY state')" = 'sent|3' ]
    }
    every_call survey service send --as-of $day
}

two_senders() {
    plan_and_approve $day
    for sender in 1 2 3 4; do
        { survey send $day >/dev/null 2>&1 && echo 0 || echo $?; } > "exit.$sender" 3>&- &
    done
    wait
    [ -z "$(cat exit.* | grep -vE '^(0|75)$')" ]
    survey send 2026-02-03T11:00:00Z
    each_once
    [ "$(waiting)" = 3 ]
}

@test "two senders at once: one of them sends, the other says that it has to wait" {
    two_senders
}

@test "two senders of requests to confirm at once" {
    needs_click
    two_senders
}

@test "a clock that jumps back is refused; one that jumps on sends no second message" {
    plan_and_approve $day
    survey send $day
    run survey send 2026-02-01T10:00:00Z
    [ "$status" -eq 64 ]
    survey send 2026-12-30T10:00:00Z
    [ "$(sql 'SELECT count(*) FROM sending')" = 3 ]
}

full_disk() {
    [ "$(id -u)" -eq 0 ] && mkdir full && mount -t tmpfs -o size=64k tmpfs full 2>/dev/null || skip "cannot mount a small file system"
    plan_and_approve $day
    chmod 700 full
    mount --bind full w/outbox
    dd if=/dev/zero of=full/ballast bs=1k count=58 2>/dev/null || true
    run survey send $day
    [ "$status" -ne 0 ]
    [ -z "$(find full -name '.tmp-*')" ]
    rm full/ballast
    survey send 2026-02-03T11:00:00Z
    [ "$(find full -maxdepth 1 -name '*.eml' | wc -l)" = 3 ]
    [ "$(sql "SELECT count(*) FROM $1 WHERE state = 'spooled'")" = 3 ]
}

@test "a full disk: nothing half-written, and the next run completes" {
    full_disk sending
}

@test "a full disk while requests to confirm are written" {
    needs_click
    full_disk confirmation
}

failing_sync() {
    command -v fiu-run >/dev/null || skip "NO fiu-run: failing syncs are not tested"
    case $fallzahl in */asan/*) skip "no fault injection under the sanitizers" ;; esac
    plan_and_approve $day
    cp -r w fresh
    for share in 1 0.5 0.2; do
        rm -rf w && cp -r fresh w
        for name in fsync fdatasync; do
            fiu-run -x -c "enable_random name=posix/io/sync/$name,probability=$share" "$fallzahl" -C w survey service send --as-of $day >/dev/null 2>&1 || true
        done
        survey send 2026-02-03T11:00:00Z
        each_once
        [ "$(waiting)" = 3 ]
    done
}

@test "a sync that fails: the message does not count, and the next run completes" {
    failing_sync
}

@test "a sync that fails while requests to confirm are written" {
    needs_click
    failing_sync
}
