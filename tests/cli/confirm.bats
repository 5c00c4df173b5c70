# Double opt-in: one message that asks to confirm, nothing else before the click.
bats_require_minimum_version 1.5.0

setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    kill_at=$(dirname "$fallzahl")/fault/kill_at
    folder=$(mktemp -d)
    cd "$folder"
    . "$BATS_TEST_DIRNAME/survey_workspace.bash"
    make_workspace 6
    echo 'double_opt_in: true' >> w/surveys/service.yaml
    plan_and_approve $day
}

teardown() {
    rm -rf "$folder"
}

day=2026-02-03T10:00:00Z

state_of() {
    sql 'SELECT state, count(*) FROM confirmation GROUP BY state ORDER BY state' | tr '\n' ' '
}

message_to() {
    grep -lx "To: $1@mail.example"$'\r' w/outbox/*.eml w/outbox/sent/*.eml 2>/dev/null
}

# click PERSON opt_out|confirm: what the page writes down for the link of the person's message, if it knows the link.
click() {
    /usr/bin/python3 - "$(message_to "$1")" "$2" <<'PY'
import email.policy, hashlib, re, sqlite3, sys
plain = email.message_from_file(open(sys.argv[1]), policy=email.policy.default).get_body(("plain",)).get_content()
token = re.search("/c/([0-9a-z]{26})", plain)[1]
intake = sqlite3.connect("w/state/intake.db")
digest = hashlib.blake2b(token.encode(), digest_size=32).digest()
assert intake.execute("SELECT kind, controller, opted_out, confirmed FROM ticket WHERE token_hash = ?", [digest]).fetchall() == [("confirm", "nordhaus", 0, 0)]
intake.execute("INSERT INTO act VALUES (?, ?, unixepoch('2026-02-03T12:00:00Z'))", [digest, sys.argv[2]])
intake.execute("UPDATE ticket SET %s = 1 WHERE token_hash = ?" % {"opt_out": "opted_out", "confirm": "confirmed"}[sys.argv[2]], [digest])
intake.commit()
PY
}

@test "each gets one request to confirm and nothing else, however often it is sent, and by whatever survey" {
    survey send $day | grep -qx 'requests to confirm: <10 in the spool, no longer to be asked: <10, wait for their day: <10'
    [ "$(waiting)" = 6 ]
    [ "$(sql 'SELECT count(*) FROM invitation')" = 0 ]
    survey send 2026-02-03T11:00:00Z
    [ "$(waiting)" = 6 ]
    pick_up w/outbox/*.eml
    sed 's/^wave:.*//; s/^reminders:.*/&/' w/surveys/service.yaml > w/surveys/second.yaml
    echo 'wave: 2' >> w/surveys/second.yaml
    "$fallzahl" -C w survey second approve "$("$fallzahl" -C w survey second plan --as-of 2026-02-04T10:00:00Z | sed -n 's/^plan: //p')" --as-of 2026-02-04T10:00:00Z
    "$fallzahl" -C w survey second send --as-of 2026-02-04T10:00:00Z
    survey send 2026-02-10T10:00:00Z
    [ "$(waiting)" = 0 ]
    [ "$(state_of)" = 'sent|6 ' ]
}

@test "the messages are right: link to confirm, link to leave, no link to answer" {
    survey send $day
    /usr/bin/python3 "$BATS_TEST_DIRNAME/../mail/check_messages.py" w/outbox/*.eml
    ! grep -l '/a/' w/outbox/*.eml
    sed -n '/^Subject:/p' w/outbox/*.eml | sort -u | grep -c . | grep -qx 1
}

@test "who confirms is asked once planned anew; who leaves by the same message is not; the others neither" {
    survey send $day
    pick_up w/outbox/*.eml
    click p1 confirm
    click p2 opt_out
    survey send 2026-02-03T13:00:00Z
    [ "$(waiting)" = 0 ]
    [ "$(sql "SELECT kind, origin, count(*) FROM consent_event WHERE origin = 'page' GROUP BY kind" | sort | tr '\n' ' ')" = 'opt_in|page|1 opt_out|page|1 ' ]
    [ "$(sql 'SELECT count(*) FROM act' intake)" = 0 ]
    plan_and_approve 2026-02-04T10:00:00Z
    survey send 2026-02-04T10:00:00Z
    [ "$(waiting)" = 1 ]
    grep -qx 'To: p1@mail.example'$'\r' w/outbox/*.eml
    [ "$(sql 'SELECT count(*) FROM confirmation')" = 6 ]
}

@test "a request that waits is taken back after a bounce, and all of them at a halt" {
    survey send $day
    change "INSERT INTO bounce (recipient, kind, occurred_at, digest) SELECT recipient, 'hard', 1, x'01' FROM confirmation LIMIT 1"
    survey send 2026-02-03T11:00:00Z
    [ "$(state_of)" = 'pulled|1 spooled|5 ' ]
    survey halt 2026-02-03T12:00:00Z
    [ "$(state_of)" = 'pulled|6 ' ]
    [ "$(waiting)" = 0 ]
}

@test "no request before the approval, and none where a plain opt-in is enough" {
    sed -i 's/^double_opt_in.*//' w/surveys/service.yaml
    plan_and_approve $day
    survey send $day
    [ "$(sql 'SELECT count(*) FROM confirmation')" = 0 ]
    echo 'double_opt_in: true' >> w/surveys/service.yaml
    run survey send $day
    [ "$(sql 'SELECT count(*) FROM confirmation')" = 0 ]
}

@test "killed at any call: each request is in the spool once" {
    cp -a w w.before
    for call in $(seq 10 3 400); do
        rm -rf w && cp -a w.before w
        "$kill_at" "$call" "$fallzahl" -C w survey service send --as-of $day >/dev/null 2>&1 && break
        survey send 2026-02-03T11:00:00Z >/dev/null
        [ "$(waiting)" = 6 ]
        [ "$(state_of)" = 'spooled|6 ' ]
    done
    [ "$call" -gt 40 ]
    [ "$call" -lt 400 ]
}
