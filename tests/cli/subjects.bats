#!/usr/bin/env bats
# Subject events: what persons declare, in files and in inbox/, in any order and any number of times.
bats_require_minimum_version 1.5.0

setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    tests=$(realpath "$BATS_TEST_DIRNAME/..")
    folder=$(mktemp -d)
    cd "$folder"
    "$fallzahl" init w --test --quiet
    cat > w/fallzahl.yaml <<'YAML'
version: 1
timezone: Europe/Berlin
country: DE
controllers: [nordhaus, velora]
sources:
  cases:
    files: "*.csv"
    case_id: id
    closed_at: closed
    identifiers:
      customer: {column: customer, kind: id}
      email: {column: email, kind: email}
      phone: {column: phone, kind: phone}
    consent:
      call_recording: {column: consent, values: ["yes"]}
    dimensions:
      month: {date: closed_at, as: month}
      channel: {column: channel}
    measures:
      mood: {column: mood, score: [1, 5], needs_consent: call_recording}
YAML
    survey=$BATS_TEST_DIRNAME/../../examples/demo/surveys/service.yaml
    cp "$survey" w/surveys/service.yaml
    sed "s/^channel: .*/channel: phone/; s/^transport: .*/transport: handoff\nvendor: callers/" "$survey" > w/surveys/calls.yaml
    echo 'id,closed,customer,email,phone,channel,consent,mood
1,2026-01-02,K1,anna@mail.example,,chat,yes,4
2,2026-01-03,K1,,030 5550101,phone,yes,3
3,2026-01-04,K2,ben@mail.example,,chat,yes,5
4,2026-01-05,K3,,030 5550103,phone,no,2' > cases.csv
    header=event,controller,kind,identifier,contact,language,country,channel,purpose,occurred_at,source,evidence
}

teardown() {
    rm -rf "$folder"
}

ingest() {
    "$fallzahl" -C w ingest --quiet --keep --source cases --as-of "${2:-2026-02-01}" "${1:-cases.csv}"
}

subjects() {
    "$fallzahl" -C w subjects --as-of "${as_of:-2026-02-02}" "$@"
}

# events LINE...: a file of events
events() {
    printf '%s\n' "$header" "$@" > subjects.csv
}

sql() {
    sqlite3 "w/state/$1.db" "$2"
}

cases_of() {
    sql cases 'SELECT count(*) FROM case_cases'
}

@test "P4: an objection by e-mail takes all cases of the person, and later files do not bring them back" {
    ingest
    events 'e1,,objection,Anna@Mail.example,,,,,,2026-02-01T10:00:00+01:00,form-3,mail of 1 February'
    run -0 --separate-stderr subjects subjects.csv
    [ "$output" = "subjects.csv: 1 events, 0 done before, 0 refused; cases: 2 removed, 0 held, 0 blanked" ]
    [ ! -e subjects.csv ]
    [ "$(cases_of)" = 2 ]
    echo 'id,closed,customer,email,phone,channel,consent,mood
5,2026-01-06,K1,,,chat,yes,4
6,2026-01-06,,,+49 30 5550101,chat,yes,4
7,2026-01-06,K9,,,chat,yes,4' > later.csv
    ingest later.csv 2026-02-03
    [ "$(cases_of)" = 3 ]
    ingest cases.csv 2026-02-03
    [ "$(cases_of)" = 3 ]
}

@test "P4: odd spellings are the same person: invisible characters, full-width forms, mailto: and tel:" {
    events $'e1,,objection,mailto:An\u00adna@Mail.example\u200b,,,,,,2026-02-01,,' $'e2,,objection,tel:\uff0b49 (0)30 555-0103,,,,,,2026-02-01,,' \
           $'e3,,objection,\u2066customer=K2\u200e\u2069,,,,,,2026-02-01,,' $'e4,,objection,\uff42\uff45\uff4e\uff20mail.example,,,,,,2026-02-01,,'
    run -0 subjects subjects.csv
    ingest cases.csv 2026-02-02
    [ "$(cases_of)" = 0 ]
    echo $'id,closed,customer,email,phone,channel,consent,mood
11,2026-01-06,,anna@mail\u200b.example,,chat,yes,4
12,2026-01-06,,,\u202a030/5550103\u202c,chat,yes,4
13,2026-01-06,K\u200b2,,,chat,yes,4
14,2026-01-06,,mailto:BEN@mail.example,,chat,yes,4
15,2026-01-06,,ben @ mail.example,,chat,yes,4' > later.csv
    ingest later.csv 2026-02-03
    [ "$(cases_of)" = 1 ] # the last: nobody is recognised by what is no address
    [ "$(sql cases "SELECT counts ->> 'unusable' FROM input_file ORDER BY file DESC LIMIT 1")" = 1 ]
}

@test "P4: an identifier that is renamed or gone is told before anything is read, not unlearnt; one that is retired is still understood" {
    ingest
    events 'e1,,objection,customer=K1,,,,,,2026-02-01,,'
    subjects --quiet subjects.csv
    [ "$(cases_of)" = 2 ]
    cp w/fallzahl.yaml before.yaml
    printf 'id,closed,customer,email,phone,channel,consent,mood\n8,2026-01-06,K1,,,chat,yes,4\n' > w/inbox/later.csv
    touch w/inbox/later.csv.ok
    sed -i 's/customer: {column: customer, kind: id}/kunde: {column: customer, kind: id}/' w/fallzahl.yaml
    for command in "run" "ingest --source cases w/inbox/later.csv" "check"; do
        run -78 --separate-stderr "$fallzahl" -C w $command --as-of 2026-02-03
        [[ "$stderr" = *"fallzahl.yaml:10:"*"'customer' of source 'cases' is gone"*"retired_identifiers"* ]]
    done
    [ "$(cases_of)" = 2 ]
    [ -e w/inbox/later.csv ]

    sed 's/email: {column: email, kind: email}/email: {column: email, kind: id}/' before.yaml > w/fallzahl.yaml
    run -78 --separate-stderr "$fallzahl" -C w run --as-of 2026-02-03
    [[ "$stderr" = *"'email' of source 'cases' is gone"* ]]
    sed 's/^  cases:/  tickets:/; s/customer: {column: customer, kind: id}/kunde: {column: customer, kind: id}/' before.yaml > w/fallzahl.yaml
    run -78 --separate-stderr "$fallzahl" -C w run --as-of 2026-02-03
    [[ "$stderr" = *"'customer' of source 'cases' is gone"* ]]

    sed 's/customer: {column: customer, kind: id}/customer: {column: kunde, kind: id}/' before.yaml > w/fallzahl.yaml
    sed -i 1s/customer/kunde/ w/inbox/later.csv
    run -0 "$fallzahl" -C w check
    ingest w/inbox/later.csv 2026-02-03
    [ "$(cases_of)" = 2 ]

    sed '/customer: {column/d; s/^    consent:/    retired_identifiers: [customer]\n    consent:/' before.yaml > w/fallzahl.yaml
    run -0 "$fallzahl" -C w check
    events 'e2,,objection,customer=K2,,,,,,2026-02-01,,'
    as_of=2026-02-03 subjects --quiet subjects.csv
    [ "$(cases_of)" = 1 ]
    sed 's/^    consent:/    retired_identifiers: [customer]\n    consent:/' before.yaml > w/fallzahl.yaml
    run -78 "$fallzahl" -C w check
}

@test "as long as nothing was read or declared, an identifier may have any name" {
    run -0 "$fallzahl" -C w run --quiet --as-of 2026-02-01
    sed -i 's/customer: {column: customer, kind: id}/kunde: {column: customer, kind: id}/' w/fallzahl.yaml
    ingest
    run -0 "$fallzahl" -C w check
}

@test "an event comes any number of times; its id is of one event only" {
    ingest
    events 'e1,,objection,customer=K1,,,,,,2026-02-01,,'
    subjects --quiet --keep subjects.csv
    /usr/bin/python3 "$tests/store_dump.py" w/state/cases.db > before
    run -0 subjects subjects.csv
    [[ "$output" = *"1 events, 1 done before"* ]]
    /usr/bin/python3 "$tests/store_dump.py" w/state/cases.db | diff before -
    events 'e1,,objection,customer=K2,,,,,,2026-02-01,,'
    run -65 --separate-stderr subjects subjects.csv
    [[ "$stderr" = *"subjects.csv:2:event: event_reused"* ]]
    [ "$(cases_of)" = 2 ]
}

@test "rows that cannot be right are refused with place and rule, never content; the others are done" {
    ingest
    events 'e1,,objection,anna@mail.example,,,,,,2026-02-01,,' \
           ',,objection,ben@mail.example,,,,,,2026-02-01,,' \
           'e3,,objektion,ben@mail.example,,,,,,2026-02-01,,' \
           'e4,,objection,canary-nobody,,,,,,2026-02-01,,' \
           'e5,,objection,ben@mail.example,,,,,,1.2.2026,,' \
           'e6,,objection,ben@mail.example,,,,,,2026-02-09,,' \
           'e7,otto,opt_in,ben@mail.example,,,,email,,2026-02-01,,' \
           'e8,,hold,customer=K2,,,,,,2026-02-01,,' \
           'e9,nordhaus,opt_in,customer=K2,,,,fax,,2026-02-01,,' \
           'e10,nordhaus,opt_in,customer=K2,,,,email,,2026-02-01,,' \
           'e11,,bounce,ben@mail.example,,,,email,sideways,2026-02-01,,' \
           'e12,,hold,case:nowhere=3,,,,,court,2026-02-01,,' \
           'e13,,erasure,ben@mail.example' \
           'e14,,objection,ben@mail.example,,,,,,0001-01-01,,' \
           'e15,,objection,ben@mail.example,,,,,,1989-12-31T23:59:59Z,,'
    run -65 --separate-stderr subjects subjects.csv
    [ "$(cases_of)" = 2 ]
    printf '%s\n' "$stderr" > errors
    for expected in '3:event: no_value' '4:kind: unknown_value' '5:identifier: bad_identifier' '6:occurred_at: bad_date' \
        '7:occurred_at: in_future' '8:controller: unknown_controller' '9:purpose: no_value' '10:channel: unknown_value' \
        '11:contact: no_value' '12:purpose: unknown_value' '13:identifier: bad_identifier' '14:row: missing_cells' '15:occurred_at: out_of_range' '16:occurred_at: out_of_range'; do
        grep -q "^subjects.csv:$expected; expected: " errors || { echo "no $expected"; cat errors; false; }
    done
    grep -q '14 of 15 events were refused' errors
    ! grep -qi 'canary\|@' errors || false
    ! grep -rqi 'canary\|ben@' w/state w/quarantine || false
    [ "$("$fallzahl" -C w quarantine show --json "$(basename w/quarantine/*)" | jq '.rows | length')" = 14 ]
}

@test "a file that cannot be right is rejected whole and stays" {
    ingest
    printf 'event,kind,identifier\ne1,objection,anna@mail.example\n' > subjects.csv
    run -65 subjects subjects.csv
    [[ "$output" = *"subjects.csv:1: the column 'occurred_at' is missing"* ]]
    printf '\xff\xfe' > subjects.csv
    printf '%s\n' "$header" 'e1,,objection,anna@mail.example,,,,,,2026-02-01,,' | iconv -t utf-16le >> subjects.csv
    run -65 subjects subjects.csv
    { printf '%s\n' "$header" 'e1,,objection,anna@mail.example,,,,,,2026-02-01,,' | gzip | head -c 60; } > subjects.csv
    run -65 subjects subjects.csv
    [ -e subjects.csv ]
    [ "$(cases_of)" = 4 ]
    grep -q '^state: refused$' w/answers/dpo/subjects.csv.answer.txt
    grep -q '^Nothing of the file is done' w/answers/dpo/subjects.csv.answer.txt
}

@test "P4: one row that is no CSV, or one byte that is no text, keeps nobody else's objection from being done" {
    ingest
    { printf '%s\n' "$header" 'e1,,objection,"anna@mail.example,,,,,,2026-02-01,,' 'e2,,objection,customer=K2,,,,,,2026-02-01,,'
      printf 'e3,,objection,m\xfcller@mail.example,,,,,,2026-02-01,,\n'      # of Windows-1252
      printf 'e4,,objection,"b"en@mail.example,,,,,,2026-02-01,,\n'
      printf 'e5,,objection,customer=K7,,,,,,2026-02-01,,a\0b\n'
      printf 'e6,,objection,customer=K3,,,,,,2026-02-01,,"a letter\nof two lines"\n'
      printf 'e7,,objection,ca'; } > w/inbox/subjects-1.csv
    cp w/inbox/subjects-1.csv faulty
    touch w/inbox/subjects-1.csv.ok
    run -65 --separate-stderr "$fallzahl" -C w run --quiet --as-of 2026-02-02
    [ "$(sql cases "SELECT group_concat(closed_day) FROM (SELECT closed_day FROM case_cases ORDER BY 1)")" = 20455,20456 ] # of K1 alone
    [ -z "$(ls w/inbox)" ]
    local expected='2:row: malformed 4:identifier: not_utf8 5:row: malformed 6:evidence: not_utf8 9:row: malformed' answer=w/answers/dpo/subjects-1.csv-*.answer
    [ "$(grep -o '^[0-9]*:[a-z]*: [a-z0-9_]*' $answer.txt | tr '\n' ' ')" = "$expected " ] || { cat $answer.txt; false; }
    grep -q 'inbox/subjects-1.csv:4:identifier: not_utf8; expected: ' <<< "$stderr"
    [ "$(jq -r '.state + " " + (.exit_status | tostring)' $answer.json)" = "done in part 65" ]
    grep -q "^The refused rows lie encrypted in quarantine/$(basename w/quarantine/*) until 2026-" $answer.txt
    ! grep -qi 'anna\|ller\|mail.example' $answer.txt $answer.json <<< "$stderr" || false
    # what has to be mended is all there, and what was refused is found by whoever asks for it
    "$fallzahl" -C w quarantine show --json "$(basename w/quarantine/*)" | jq -e '.rows | length == 5'
    "$fallzahl" -C w person show anna@mail.example --as-of 2026-02-02T01:00:00Z | grep -q subjects-1.csv
    # it is not tried again, and the next night is quiet
    run -0 "$fallzahl" -C w run --quiet --as-of 2026-02-03
    # put right and handed in once more, with the rows that were done
    { printf '%s\n' "$header" 'e1,,objection,anna@mail.example,,,,,,2026-02-01,,' 'e2,,objection,customer=K2,,,,,,2026-02-01,,'
      printf 'e6,,objection,customer=K3,,,,,,2026-02-01,,"a letter\nof two lines"\n'; } > subjects.csv
    run -0 --separate-stderr subjects --as-of 2026-02-04 subjects.csv
    [[ "$output" = *"3 events, 2 done before, 0 refused; cases: 2 removed"* ]]
    [ "$(cases_of)" = 0 ]
    # the faulty one once more changes nothing
    cp faulty subjects-1.csv
    run -65 subjects --as-of 2026-02-05 subjects-1.csv
    [[ "$output" = *"7 events, 2 done before, 5 refused; cases: 0 removed"* ]]
    [ "$(ls w/quarantine | wc -l)" = 1 ]
}

@test "P4: rows may end in CR alone: each is an event" {
    ingest
    { printf 'event,kind,identifier,occurred_at\r'; printf 'e%d,objection,customer=K%d,2026-02-01\r' 2 2 3 3; } > subjects.csv
    run -0 subjects subjects.csv
    [[ "$output" = *"2 events, 0 done before, 0 refused; cases: 2 removed"* ]]
    [ "$(cases_of)" = 2 ]
    { printf 'event,kind,identifier,occurred_at\n'; printf 'e%d,objection,customer=K%d,2026-02-01\r' $(seq 4 2000 | sed 'p'); } > subjects.csv
    run -0 subjects subjects.csv
    [[ "$output" = *": 1997 events, 0 done before, 0 refused"* ]]
}

@test "P4: a file with a row that is too long to be kept is done and stays: nothing of it is lost" {
    ingest
    { printf 'event,kind,identifier,occurred_at\n'; printf 'e2,objection,customer=K2,2026-02-01\n'
      printf 'e3,objection,'; head -c 3000000 /dev/zero | tr '\0' x; printf ',2026-02-01\ne4,objection,customer=K3,2026-02-01\n'; } > w/inbox/subjects-1.csv
    touch w/inbox/subjects-1.csv.ok
    cp w/inbox/subjects-1.csv whole
    run -65 --separate-stderr "$fallzahl" -C w run --quiet --as-of 2026-02-02
    [[ "$stderr" = *"1 of 3 events were refused and too long for quarantine/, which is why the file stays"* ]]
    [ "$(cases_of)" = 2 ]
    grep -q '^A refused row is too long for the quarantine' w/answers/dpo/subjects-1.csv-*.answer.txt
    run -65 "$fallzahl" -C w run --quiet --as-of 2026-02-03
    cmp w/inbox/subjects-1.csv whole
    [ "$(ls w/quarantine | wc -l)" = 1 ]
}

@test "P4: of a day without a time the stricter counts, whatever else was declared on that day" {
    ingest
    events 'e1,,objection_withdrawn,customer=K1,,,,,,2026-02-01T09:00:00Z,,' 'e2,,objection,customer=K1,,,,,,2026-02-01,,' \
           'e3,,objection_withdrawn,customer=K2,,,,,,2026-02-01,,' 'e4,,objection,customer=K2,,,,,,2026-02-01T23:00:00Z,,'
    run -0 subjects --as-of 2026-02-03 subjects.csv
    [ "$(sql cases 'SELECT count(*) FROM claimant WHERE objected_at > withdrawn_at')" = 2 ]
    events 'e5,nordhaus,opt_in,ida@mail.example,ida@mail.example,,,email,,2026-02-01T09:00:00Z,,' 'e6,nordhaus,opt_out,ida@mail.example,,,,email,,2026-02-01,,'
    run -0 subjects --as-of 2026-02-03 subjects.csv
    "$fallzahl" -C w survey service why ida@mail.example --as-of 2026-02-03T01:00:00Z > told
    grep -q '^opt_out at 2026-02-01T22:59:59Z' told && grep -q '^a plan made now: not asked' told
    # never later than now: who takes it back an hour later is heard
    events 'e7,,objection,customer=K3,,,,,,2026-02-04,,' 'e8,,objection_withdrawn,customer=K3,,,,,,2026-02-04T12:00:00Z,,'
    cp subjects.csv again.csv
    run -0 subjects --as-of 2026-02-04T11:00:00Z subjects.csv
    [ "$(sql cases 'SELECT count(*) FROM claimant WHERE objected_at < withdrawn_at')" = 1 ]
    run -0 subjects --as-of 2026-02-06 again.csv # read once more it is the same event
    [[ "$output" = *"2 events, 2 done before, 0 refused"* ]]
}

@test "P3: what somebody declares is of nobody else of the file, in whatever order the rows are" {
    ingest
    printf '%s\n' id,closed,customer,email,phone,channel,consent,mood 7,2026-01-06,K7,carl@mail.example,,chat,yes,4 8,2026-01-06,K8,dora@mail.example,,chat,yes,4 > more.csv
    ingest more.csv
    for kind in objection erasure objection_withdrawn recording_consent_withdrawn; do
        for order in '1 2 3' '3 1 2' '1 3 2'; do
            rm -rf "$folder/v" && cp -r w v
            local rows=([1]="a1,nordhaus,opt_in,carl@mail.example,carl@mail.example,de,DE,email,,2026-02-01T08:00:00Z,,"
                        [2]="a2,velora,opt_out,dora@mail.example,dora@mail.example,,,email,,2026-02-01T08:00:00Z,,"
                        [3]="a3,,$kind,customer=K2,,,,,,2026-02-01T09:00:00Z,,")
            { echo "$header"; for row in $order; do echo "${rows[$row]}"; done; } > subjects.csv
            run -0 "$fallzahl" -C v subjects --quiet --as-of 2026-02-02 subjects.csv
            [ "$(sqlite3 v/state/surveys.db "SELECT group_concat(kind || ' ' || controller, ', ') FROM (SELECT DISTINCT kind, controller FROM consent_event
                 WHERE recipient IN (SELECT recipient FROM contact UNION SELECT recipient FROM consent_event WHERE controller = 'velora') ORDER BY 1)")" = \
              'opt_in nordhaus, opt_out velora' ]
            [ "$(sqlite3 v/state/surveys.db 'SELECT count(*) FROM contact')" = 1 ]
        done
    done
}

@test "P4: a last row without line end may name a stranger: it is refused, packed or not" {
    ingest
    printf 'event,kind,occurred_at,identifier\ne1,erasure,2026-02-01,customer=K2\ne2,erasure,2026-02-01,customer=K3' > cut.csv
    gzip -k cut.csv
    run -65 --separate-stderr subjects cut.csv
    [[ "$output" = "cut.csv: 2 events, 0 done before, 1 refused; cases: 1 removed"* ]]
    [[ "$stderr" = *"cut.csv:3:row: malformed; expected: a row of CSV"* ]]
    run -65 --separate-stderr subjects cut.csv.gz
    [[ "$output" = *": 2 events, 1 done before, 1 refused; cases: 0 removed"* ]]
    [ "$(cases_of)" = 3 ]
}

@test "P6: the consent of a person withdrawn before or after the case comes in, what is published is the same" {
    cat >> w/fallzahl.yaml <<'YAML'
tables:
  moods: {source: cases, period: month, by: [tone]}
YAML
    sed -i 's/^      channel: {column: channel}/&\n      tone: {column: mood, needs_consent: call_recording, missing_as: none}/' w/fallzahl.yaml
    { echo 'id,closed,customer,email,phone,channel,consent,mood'
      for i in $(seq 600); do echo "c$i,2026-01-05,P$i,,,chat,yes,$((i % 2 + 1))"; done; } > cases.csv
    cp -r w before && cp -r w after
    events 'e1,,recording_consent_withdrawn,customer=P1,,,,,,2026-02-01,,'
    cp subjects.csv again.csv
    "$fallzahl" -C before subjects --quiet --as-of 2026-02-02 subjects.csv
    "$fallzahl" -C before ingest --quiet --keep --source cases --as-of 2026-02-03 cases.csv
    "$fallzahl" -C after ingest --quiet --keep --source cases --as-of 2026-02-02 cases.csv
    "$fallzahl" -C after subjects --quiet --as-of 2026-02-03 again.csv
    for w in before after; do
        [ "$(sqlite3 $w/state/cases.db 'SELECT count(*), sum(d_tone IS NULL) FROM case_cases')" = '600|1' ]
        run -0 "$fallzahl" -C $w publish --as-of 2026-03-01
    done
    diff -r <(cd before/published && find . -name '*.csv' | sort | xargs cat) <(cd after/published && find . -name '*.csv' | sort | xargs cat)
}

@test "the night does inbox/subjects-*.csv before it reads cases, whatever the sources' files are called" {
    events 'e1,,objection,anna@mail.example,,,,,,2026-02-01,,'
    mv subjects.csv w/inbox/subjects-1.csv
    touch w/inbox/subjects-1.csv.ok
    cp cases.csv w/inbox/cases.csv
    touch w/inbox/cases.csv.ok
    "$fallzahl" -C w run --quiet --as-of 2026-02-02
    [ "$(cases_of)" = 2 ]
    [ -z "$(ls w/inbox)" ]
    [ "$(jq -r '.steps[] | select(.step == "subjects") | "\(.step) \(.counts.objection)"' w/state/runs/2026-02-02T00:00:00Z-1.json)" = "subjects 1" ]
}

@test "an objection does not wait for a marker for ever, nor for another file's mistake" {
    ingest
    events 'e1,,objection,anna@mail.example,,,,,,2026-02-01,,'
    mv subjects.csv w/inbox/subjects-2.csv
    printf 'event\n' > w/inbox/subjects-1.csv
    touch -d 2026-02-02T03:50:01Z w/inbox/subjects-2.csv w/inbox/subjects-1.csv
    "$fallzahl" -C w run --quiet --as-of 2026-02-02T04:00:00Z
    [ "$(cases_of)" = 4 ]
    run -65 "$fallzahl" -C w run --quiet --as-of 2026-02-02T04:00:01Z
    [ "$(cases_of)" = 2 ]
    [ "$(ls w/inbox)" = subjects-1.csv ]
}

@test "what is no regular file is refused, not passed over in silence" {
    events 'e1,,objection,anna@mail.example,,,,,,2026-02-01,,'
    mkdir w/inbox/subjects-d.csv
    mkfifo w/inbox/subjects-f.csv
    ln -s "$folder/subjects.csv" w/inbox/subjects-l.csv
    run -65 "$fallzahl" -C w run --quiet --as-of 2026-02-02
    for file in subjects-d.csv subjects-f.csv subjects-l.csv; do
        [[ "$output" = *"w/inbox/$file"* ]] || { echo "$output"; false; }
        answer=$(cat w/answers/dpo/"$file"*.answer.txt)
        [[ "$answer" = *"is not a regular file"* ]] || { echo "$answer"; false; }
    done
    [ -e subjects.csv ]
}

@test "no marker outlives its file: the next file of that name may not be complete yet" {
    events 'e1,,objection,anna@mail.example,,,,,,2026-02-01,,' 'e2,,nonsense,anna@mail.example,,,,,,2026-02-01,,'
    mv subjects.csv w/inbox/subjects-1.csv
    touch w/inbox/subjects-1.csv.ok w/inbox/subjects-killed.csv.ok
    run -65 "$fallzahl" -C w run --quiet --as-of 2026-02-02
    [ -z "$(ls w/inbox)" ] || { ls w/inbox; false; }
}

@test "P6: a consent that is withdrawn blanks what was bound to it; given again, it holds for later cases" {
    ingest
    [ "$(sql cases 'SELECT count(m_mood) FROM case_cases')" = 3 ]
    events 'e1,,recording_consent_withdrawn,customer=K1,,,,,,2026-01-31,,'
    subjects --quiet subjects.csv
    [ "$(sql cases 'SELECT count(m_mood) FROM case_cases')" = 1 ]
    ingest cases.csv 2026-02-03
    [ "$(sql cases 'SELECT count(m_mood) FROM case_cases')" = 1 ]
    events 'e2,,recording_consent,anna@mail.example,,,,,,2026-02-03,,'
    as_of=2026-02-04 subjects --quiet subjects.csv
    echo 'id,closed,customer,email,phone,channel,consent,mood
8,2026-02-03,K1,,,chat,yes,1
9,2026-02-04,K1,,,chat,yes,1' > later.csv
    ingest later.csv 2026-02-05
    [ "$(sql cases 'SELECT group_concat(m_mood) FROM case_cases WHERE closed_day > 20486')" = 1 ]
}

@test "a hold of a case outlives its term and an objection, out of statistics, until it is released" {
    ingest
    events 'e1,,objection,customer=K1,,,,,,2026-02-01,,' 'h1,,hold,case:cases=1,,,,,court,2026-01-10,,' \
           'h2,,hold,ben@mail.example,,,,,refund,2026-01-10,,' # holds of a file come first
    run -0 subjects subjects.csv
    [[ "$output" = *"cases: 1 removed, 1 held"* ]]
    "$fallzahl" -C w retention --quiet --as-of 2027-02-01
    [ "$(sql cases 'SELECT count(*) || sum(held) FROM case_cases')" = 22 ]
    events 'h3,,hold_release,case:cases=1,,,,,court,2027-02-01,,' 'h4,,hold_release,ben@mail.example,,,,,tax,2027-02-01,,'
    as_of=2027-02-02 subjects --quiet subjects.csv
    "$fallzahl" -C w retention --quiet --as-of 2027-02-03
    [ "$(cases_of)" = 1 ] # released for another reason than it is held for
    events 'h5,,hold_release,customer=K2,,,,,refund,2027-02-03,,'
    as_of=2027-02-03 subjects --quiet subjects.csv
    "$fallzahl" -C w retention --quiet --as-of 2027-02-04
    [ "$(cases_of)" = 0 ] # by another identifier of the same person
}

@test "a hold that meets no case says so and is noted: it holds the case that comes in" {
    events 'h1,,hold,case:cases=1,,,,,court,2026-01-10,,' 'h2,,hold,customer=K9,,,,,court,2026-01-10,,' 'h3,,hold_release,case:cases=3,,,,,court,2026-01-10,,'
    as_of=2026-01-31 run -0 --separate-stderr subjects --keep subjects.csv
    [ "$(sed 's/: [^:]*$//' <<< "$stderr" | tr '\n' ' ')" = "subjects.csv:2:identifier subjects.csv:3:identifier subjects.csv:4:identifier " ]
    grep -q '^subjects.csv:2:identifier: no such case is stored now; the hold is noted' <<< "$stderr"
    grep -q '^subjects.csv:4:identifier: no hold for this reason stood' <<< "$stderr"
    local answer=w/answers/dpo/subjects.csv-*.answer
    [ "$(jq -r .state $answer.json)" = done ]
    grep -q '^2:identifier: no such case is stored now' $answer.txt
    ingest # 1 is of K1, 3 of K2
    "$fallzahl" -C w retention --quiet --as-of 2027-02-01
    [ "$(sql cases 'SELECT count(*) || sum(held) FROM case_cases')" = 11 ]
    # the same file again finds what it holds, and has nothing more to say of that
    as_of=2027-02-01 run -0 --separate-stderr subjects --keep subjects.csv
    [[ "$stderr" = "subjects.csv:3:identifier: no such case"* ]]
    events 'h4,,hold_release,case:cases=1,,,,,tax,2027-02-01,,'
    as_of=2027-02-01 run -0 --separate-stderr subjects subjects.csv
    [[ "$stderr" = *"2:identifier: no hold for this reason stood"* ]]
    events 'h5,,hold_release,case:cases=1,,,,,court,2027-02-01,,'
    as_of=2027-02-01 run -0 --separate-stderr subjects subjects.csv
    [ -z "$stderr" ]
}

@test "P3: opt-ins reach the ledger and the contact; who opts out or objects later is out, in any order of arrival" {
    ingest
    local in='i1,nordhaus,opt_in,customer=K2,ben@mail.example,de,DE,email,,2026-01-05,form-3,signed' \
          out='o1,nordhaus,opt_out,ben@mail.example,,,,email,,2026-01-06,,' again='i2,nordhaus,opt_in,ben@mail.example,,,,email,,2026-01-07,,' \
          no='n1,,objection,customer=K2,,,,,,2026-01-08,,'
    events "$in"; subjects --quiet subjects.csv
    [ "$(sql surveys "SELECT controller || ' ' || language || ' ' || country FROM contact")" = "nordhaus de DE" ]
    events "$out"; subjects --quiet subjects.csv
    [ "$(sql surveys 'SELECT count(*) FROM contact')" = 0 ]
    events "$again" "$in"; subjects --quiet subjects.csv
    [ "$(sql surveys 'SELECT count(*) FROM contact')" = 1 ]
    events "$no"; subjects --quiet subjects.csv
    [ "$(sql surveys 'SELECT count(*) FROM contact')" = 0 ]
    [ "$(sql surveys "SELECT group_concat(kind) FROM (SELECT kind FROM consent_event ORDER BY occurred_at)")" = "opt_in,opt_out,opt_in,objection" ]
    for order in "$no|$in|$out|$again" "$again|$no|$out|$in" "$out|$again|$in|$no"; do
        rm w/state/surveys.db w/state/cases.db w/state/known-*
        IFS='|' read -r a b c d <<< "$order"
        for event in "$a" "$b" "$c" "$d"; do events "$event"; subjects --quiet subjects.csv; done
        [ "$(sql surveys 'SELECT count(*) FROM contact')" = 0 ] || { echo "$order"; false; }
        [ "$(sql surveys "SELECT count(*) FROM consent_event WHERE kind = 'objection'")" -ge 1 ]
    done
    [ "$(sql cases 'SELECT count(*) FROM subject_journal')" = 0 ]
}

@test "P4: an objection by e-mail ends the contact that is known by telephone only" {
    ingest
    events 'i1,nordhaus,opt_in,customer=K1,030 5550101,de,DE,phone,,2026-01-05,form-3,signed'
    subjects --quiet subjects.csv
    [ "$(sql surveys 'SELECT count(*) FROM contact')" = 1 ]
    events 'n1,,objection,anna@mail.example,,,,,,2026-01-08,,'
    subjects --quiet subjects.csv
    [ "$(sql surveys 'SELECT count(*) FROM contact')" = 0 ]
    [ "$(sql surveys "SELECT count(*) FROM consent_event JOIN recipient USING (recipient) WHERE kind = 'objection' AND channel = 'phone'")" = 1 ]
}

@test "erasure: cases, contact and invitations go; a later opt-in is another matter" {
    ingest
    events 'i1,nordhaus,opt_in,customer=K2,ben@mail.example,de,DE,email,,2026-01-05,,' 'x1,,erasure,customer=K2,,,,,,2026-02-01,,'
    subjects --quiet subjects.csv
    [ "$(cases_of)" = 3 ]
    [ "$(sql surveys 'SELECT count(*) FROM contact')" = 0 ]
    ingest cases.csv 2026-02-03
    [ "$(cases_of)" = 3 ]
    events 'i2,nordhaus,opt_in,customer=K2,ben@mail.example,de,DE,email,,2026-02-02,,'
    as_of=2026-02-04 subjects --quiet subjects.csv
    [ "$(sql surveys 'SELECT count(*) FROM contact')" = 1 ]
}

@test "an identifier that many share identifies nobody: the event is refused" {
    { echo 'id,closed,customer,email,phone,channel,consent,mood'
      for i in $(seq 1 9); do echo "$i,2026-01-02,K$i,,030 5550100,chat,no,"; done; } > cases.csv
    ingest
    events 'e1,,objection,030 5550100,,,,,,2026-02-01,,' 'e2,,hold,030 5550100,,,,,court,2026-02-01,,'
    run -65 --separate-stderr subjects subjects.csv
    [[ "$stderr" = *"subjects.csv:2:identifier: identifies_nobody"* && "$stderr" = *"subjects.csv:3:identifier: identifies_nobody"* ]]
    [ "$(cases_of)" = 9 ]
}

@test "P8: what was done is in the evidence, without anybody's identity" {
    ingest
    events 'e1,,objection,anna@mail.example,,,,,,2026-02-01,,'
    subjects --quiet subjects.csv
    tail -n 1 w/state/evidence.log | cut -d' ' -f2- | jq -e '.act == "subjects" and .counts.objection == 1 and .counts.cases_removed == 2'
    ! grep -rqi 'anna@\|K1' w/state/evidence.log w/state/runs || false
}

@test "nothing is sent while an objection is half done" {
    ingest
    sqlite3 w/state/cases.db "INSERT INTO subject_journal (epoch, sealed) VALUES (1, x'00')"
    run -75 "$fallzahl" -C w survey service send --as-of 2026-02-02
    [[ "$output" = *"half done"* ]]
}

@test "P3: a flag in an export is no new opt-in of somebody who ever objected" {
    cat >> w/fallzahl.yaml <<'YAML'
    opt_in:
      email: {column: wants, values: ["yes"], address: email, text_version: "1"}
    controller: brand
YAML
    local head=id,closed,customer,email,phone,channel,consent,mood,wants,brand
    events 'o1,,objection,customer=K1,,,,,,2026-01-10,,' 'w1,,objection_withdrawn,customer=K1,,,,,,2026-01-20,,'
    subjects --quiet subjects.csv
    printf '%s\n' "$head" '21,2026-02-01,K1,anna.new@mail.example,,chat,yes,3,yes,nordhaus' '22,2026-02-01,K7,eva@mail.example,,chat,yes,3,yes,nordhaus' > later.csv
    ingest later.csv 2026-02-03
    [ "$(cases_of)" = 2 ]
    [ "$(sql surveys 'SELECT count(*) FROM contact')" = 1 ]
    [ "$(sql surveys 'SELECT count(*) FROM consent_event WHERE kind = '"'opt_in'")" = 1 ]
}

@test "P4, P6: the same event counts once, however late it comes again: what undid it may be forgotten by then" {
    events 'e1,,hold,customer=K1,,,,,court,2026-01-10,,' 'c1,,recording_consent_withdrawn,customer=K2,,,,,,2026-01-10,,' \
        'o1,nordhaus,opt_in,customer=K3,carl@mail.example,de,DE,email,,2026-01-10,,'
    cp subjects.csv first.csv
    subjects --quiet subjects.csv
    events 'e2,,hold_release,customer=K1,,,,,court,2026-01-20,,' 'c2,,recording_consent,customer=K2,,,,,,2026-01-20,,' \
        'o2,,erasure,customer=K3,,,,,,2026-01-20,,'
    subjects --quiet subjects.csv
    "$fallzahl" -C w retention --quiet --as-of 2027-03-01
    [ "$(sqlite3 w/state/cases.db 'SELECT (SELECT count(*) FROM hold) + (SELECT count(*) FROM claimant)')" = 0 ] # forgotten by their terms
    sed 's/2026-01/2027-02/' cases.csv > later.csv
    ingest later.csv 2027-03-01
    as_of=2027-03-02 subjects first.csv | grep -q '3 .*before'
    [ "$(sqlite3 w/state/cases.db 'SELECT count(*) FROM hold')" = 0 ]
    [ "$(sqlite3 w/state/cases.db 'SELECT count(*) FROM case_cases WHERE m_mood IS NULL')" = 1 ] # K3's, who said no
    [ "$(sqlite3 w/state/surveys.db 'SELECT count(*) FROM contact')" = 0 ]
}
