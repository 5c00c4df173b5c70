# Double opt-in: one message that asks to confirm, nothing else before the click.
bats_require_minimum_version 1.5.0

setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
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

# asked_again PERSON DAY ORIGIN: an opt-in of that origin reaches the ledger.
asked_again() {
    name=$(basename "$(message_to "$1" | head -1)" .eml)
    change "INSERT INTO consent_event (recipient, controller, purpose, kind, origin, occurred_at, recorded_at, event_digest)
            SELECT recipient, 'nordhaus', 'service_survey', 'opt_in', '$3', unixepoch('$2T12:00:00Z'), unixepoch('$2T12:00:00Z'), randomblob(32)
            FROM confirmation WHERE file_name = '$name'"
}

@test "whose link ran out and who asks again gets another request; a flag does not ask; three within a year" {
    survey send $day
    pick_up w/outbox/*.eml
    asked_again p1 2026-02-10 event
    asked_again p2 2026-02-10 case
    survey send 2026-03-05T18:00:00Z # the last day of the links
    [ "$(waiting)" = 0 ]
    survey send 2026-03-06T10:00:00Z
    [ "$(waiting)" = 1 ]
    [ "$(message_to p1 | wc -l)" = 2 ]
    [ "$(message_to p1 | xargs grep -ho '/c/[0-9a-z]*' | sort -u | wc -l)" = 2 ]
    grep -q '2026-04-05' w/outbox/*.eml
    survey send 2026-03-06T11:00:00Z
    [ "$(waiting)" = 1 ]
    pick_up w/outbox/*.eml
    survey send 2026-04-07T10:00:00Z # has not asked since
    [ "$(waiting)" = 0 ]
    asked_again p1 2026-04-07 event
    survey send 2026-04-08T10:00:00Z
    [ "$(waiting)" = 1 ]
    pick_up w/outbox/*.eml
    asked_again p1 2026-05-10 event
    survey send 2026-05-11T10:00:00Z
    [ "$(waiting)" = 0 ]
    change "UPDATE confirmation SET reserved_at = reserved_at - 365 * 86400 WHERE request = 1"
    survey send 2026-05-11T10:00:00Z
    [ "$(waiting)" = 1 ]
    [ "$(sql 'SELECT max(request), count(*) FROM confirmation')" = '4|9' ]
    survey halt 2026-05-11T11:00:00Z
    [ "$(sql "SELECT request FROM confirmation WHERE state = 'pulled'")" = 4 ]
}

@test "the second request can be confirmed; after an older backup none goes twice" {
    survey send $day
    pick_up w/outbox/*.eml
    asked_again p1 2026-02-10 event
    cp w/state/surveys.db before.db
    survey send 2026-03-06T10:00:00Z
    pick_up w/outbox/*.eml
    rm -f w/state/surveys.db-*
    cp before.db w/state/surveys.db
    survey send 2026-03-06T12:00:00Z
    [ "$(waiting)" = 0 ]
    [ "$(sql "SELECT state FROM confirmation WHERE request = 2")" = sent ]
    rm "w/outbox/sent/$(sql "SELECT confirmation.file_name FROM confirmation JOIN confirmation AS second USING (recipient) WHERE second.request = 2 AND confirmation.request = 1").eml"
    click p1 confirm
    survey send 2026-03-06T13:00:00Z
    plan_and_approve 2026-03-07T10:00:00Z
    survey send 2026-03-07T10:00:00Z
    [ "$(waiting)" = 1 ]
}

@test "the words of the request, in German and English, are the program's and name sender, day and that it is voluntary" {
    change "UPDATE contact SET language = 'en' WHERE recipient IN (SELECT recipient FROM recipient WHERE channel = 'email' LIMIT 2)"
    survey send $day
    /usr/bin/python3 - w/outbox/*.eml <<'PY'
import email.policy, sys
seen = set()
for path in sys.argv[1:]:
    message = email.message_from_file(open(path), policy=email.policy.default)
    text = message.get_body(("plain",)).get_content()
    german = message["Subject"] == "Bitte bestätigen Sie"
    assert german or message["Subject"] == "Please confirm", message["Subject"]
    for words in ("Nordhaus", "2026-03-05", "freiwillig" if german else "voluntary", "https://nordhaus.example/privacy", "/c/", "/o/"):
        assert words in text, (words, text)
    assert "{" not in text, text
    assert ("Guten Tag" in text) == german and ("Hello" in text) != german, text
    seen.add(german)
assert seen == {True, False}
PY
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

needles() {
    /usr/bin/python3 "$BATS_TEST_DIRNAME/../needles.py" "$@"
}

# declare KIND INSTANT PERSON...: what these people declare, in a file.
declare_all() {
    { echo event,kind,identifier,occurred_at
      for person in "${@:3}"; do echo "$1-$person,$1,$person@mail.example,$2"; done; } > subjects.csv
    "$fallzahl" -C w subjects --quiet --as-of "$2" subjects.csv
}

@test "a request that was confirmed stays confirmed after intake.db was lost" {
    survey send $day
    click p2 confirm
    "$fallzahl" -C w run --quiet --as-of 2026-02-04
    rm w/state/intake.db*
    "$fallzahl" -C w run --quiet --as-of 2026-02-05
    [ "$(sql "SELECT sum(confirmed), count(*) FROM ticket WHERE kind = 'confirm'" intake)" = '1|6' ]
}

@test "P4: after an erasure or objection nothing of a request to confirm is in any byte: in the spool, picked up, clicked" {
    survey send $day
    for person in p1 p2 p3 p4 p5 p6; do needles take w $person $person.needles; done
    pick_up "$(message_to p2)" "$(message_to p5)"
    click p3 confirm
    for person in p1 p2 p3 p4 p5 p6; do # the control: what is to go is found as long as it is there
        [ "$(needles find w $person.needles | sed 's/ token//')" = 'address hash name sealed' ]
    done
    declare_all erasure 2026-02-03T14:00:00Z p1 p2 p3
    declare_all objection 2026-02-03T14:00:00Z p4 p5
    for person in p1 p2 p3; do
        left=$(needles find w $person.needles)
        [ -z "$left" ] || { echo "$person: $left"; false; }
    done
    for person in p4 p5; do # that it was sent stays known, so that it is not sent again
        left=$(needles find w $person.needles)
        [ "$left" = 'hash name' ] || { echo "$person: $left"; false; }
    done
    [ "$(needles find w p6.needles | sed 's/ token//')" = 'address hash name sealed' ]
    [ "$(sql 'SELECT count(*) FROM ticket' intake)" = 3 ]
    [ "$(sql 'SELECT count(*) FROM act' intake)" = 0 ]
    [ "$(waiting)" = 1 ]
    survey send 2026-02-04T10:00:00Z
    [ "$(waiting)" = 1 ]
}

@test "P5: a message that left says nothing from the next night on, and a year later nothing is left of the contact" {
    survey send $day
    for person in p1 p2; do needles take w $person $person.needles; done
    pick_up "$(message_to p1)"
    "$fallzahl" -C w retention --quiet --as-of 2026-02-03T21:00:00Z
    [ "$(needles find w p1.needles | sed 's/ token//')" = 'address hash name sealed' ] # the mailer may still read it
    "$fallzahl" -C w retention --quiet --as-of 2026-02-04T02:00:00Z
    [ "$(needles find w p1.needles)" = 'hash name sealed' ]
    [ "$(find w/outbox/sent -size 0 | wc -l)" = 1 ]
    survey send 2026-02-04T12:00:00Z
    [ "$(state_of)" = 'sent|1 spooled|5 ' ]
    "$fallzahl" -C w run --quiet --as-of 2027-03-10T10:00:00Z
    for person in p1 p2; do
        left=$(needles find w $person.needles)
        [ "$left" = 'hash name' ] || { echo "$person: $left"; false; }
    done
    [ "$(sql 'SELECT count(*) FROM ticket' intake)" = 0 ]
}

@test "P4: what a killed sending left in the spool goes with the objection" {
    kill_at=$(dirname "$fallzahl")/fault/kill_at
    cp -a w w.before
    for call in $(seq 10 7 800); do
        rm -rf w && cp -a w.before w
        status=0
        "$kill_at" "$call" "$fallzahl" -C w survey service send --as-of $day >/dev/null 2>&1 || status=$?
        [ "$status" -ne 0 ] || break
        [ "$status" = 99 ]
        declare_all objection 2026-02-03T11:00:00Z p1 p2 p3 p4 p5 p6
        ! grep -rlq '@mail.example' w/outbox || { echo "call $call"; find w/outbox; false; }
    done
    [ "$call" -gt 40 ]
    [ "$status" = 0 ]
}

@test "a request that was taken back by a halt is made again once the survey is approved anew, and no other" {
    survey send $day
    pick_up $(find w/outbox -name '*.eml' | sort | head -n 2)
    survey halt $day
    [ "$(state_of)" = 'pulled|4 sent|2 ' ]
    plan_and_approve 2026-02-03T12:00:00Z
    survey send 2026-02-03T12:00:00Z
    [ "$(waiting)" = 4 ]
    survey send 2026-02-03T13:00:00Z
    [ "$(state_of)" = 'pulled|4 sent|2 spooled|4 ' ]
    [ "$(sql "SELECT count(DISTINCT recipient) FROM confirmation WHERE state <> 'pulled'")" = 6 ]
}
