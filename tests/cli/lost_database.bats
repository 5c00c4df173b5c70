#!/usr/bin/env bats
# A lost database is never replaced by an empty one, which would know nobody who objected, left or consented.
bats_require_minimum_version 1.5.0

setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    folder=$(mktemp -d)
    cd "$folder"
    "$fallzahl" init w --test --quiet
    cat > w/fallzahl.yaml <<'YAML'
version: 1
timezone: UTC
controllers: [nordhaus]
sources:
  cases:
    files: "cases-*.csv"
    case_id: id
    closed_at: closed
    identifiers: {customer: {column: customer, kind: id}, email: {column: email, kind: email}}
    dimensions:
      month: {date: closed_at, as: month}
YAML
    sed /^segments/d "$BATS_TEST_DIRNAME/../../examples/demo/surveys/service.yaml" > w/surveys/service.yaml
    printf '%s\n' id,closed,customer,email C1,2026-01-01,K1,a@mail.example C2,2026-01-02,K2,b@mail.example > cases.csv
    header=event,controller,kind,identifier,contact,language,country,channel,purpose,occurred_at,source,evidence
    printf '%s\n' "$header" 'i1,nordhaus,opt_in,customer=K1,a@mail.example,de,DE,email,,2026-01-05,,' \
        'i2,nordhaus,opt_in,customer=K2,b@mail.example,de,DE,email,,2026-01-05,,' 'x2,*,opt_out,b@mail.example,b@mail.example,,,email,,2026-01-06,,' > subjects.csv
}

teardown() {
    rm -rf "$folder"
}

fz() {
    "$fallzahl" -C w "$@" --as-of 2026-02-02
}

@test "P4: a lost or emptied cases.db or surveys.db stops every command that would make it anew" {
    fz ingest --source cases --keep --quiet cases.csv
    [ ! -e w/state/surveys.db ] # comes with its first use, later than the cases
    fz person object customer=K2 --quiet
    fz subjects --keep --quiet subjects.csv
    fz backup --quiet
    cp -r w whole
    for name in cases surveys; do
        for way in lost emptied; do
            rm -rf w && cp -r whole w
            rm w/state/$name.db*
            [ $way = lost ] || install -m 600 /dev/null w/state/$name.db
            for command in 'run' 'ingest --source cases --keep cases.csv' 'subjects --keep subjects.csv' 'requests' 'retention' 'publish' 'backup' \
                           'person show customer=K1' 'person object customer=K1' 'survey service plan' 'survey service status' 'key give-up contact' 'status'; do
                run -65 fz $command
                [[ $output == *"state/$name.db is gone or empty"*"fallzahl restore"* ]] || { echo "$command: $output"; false; }
                [ ! -s w/state/$name.db ]
            done
            run -77 fz check
            [[ $output == *"state/$name.db is gone or empty"* ]]
            rm -f w/state/$name.db
            fz restore --quiet whole/state/backups/* 2>/dev/null
            fz status >/dev/null
            [ -s w/state/$name.db ]
        done
    done
}

@test "a database that the first command made is missed by the second" {
    fz subjects --keep --quiet subjects.csv
    rm w/state/*.db
    run -65 fz ingest --source cases --keep cases.csv
    rm w/keys/objection.1
    run -77 "$fallzahl" init w # nor is a key replaced
    [ ! -e w/state/cases.db ] && [ ! -e w/keys/objection.1 ]
}

@test "where no backup has it, one goes on without it by an act of one's own, as docs/rights.md says" {
    fz subjects --keep --quiet subjects.csv
    rm w/state/surveys.db
    run -65 fz subjects --keep subjects.csv
    rm w/state/known-surveys
    printf '%s\n' "$header" 'i3,nordhaus,opt_in,customer=K3,c@mail.example,de,DE,email,,2026-01-07,,' > subjects.csv
    fz subjects --quiet subjects.csv
    [ "$(sqlite3 w/state/surveys.db 'SELECT count(*) FROM consent_event')" = 1 ]
}

@test "P4: with the whole of state/ gone nothing is made anew while anything outside it tells of a time before" {
    fz ingest --source cases --keep --quiet cases.csv
    fz person object customer=K2 --quiet
    fz backup --quiet
    cp -r w/state/backups backups
    fz run --quiet # hands over a head
    cp -r w whole
    for sign in head release message refused keys; do
        rm -rf w && cp -r whole w && rm -rf w/state w/answers/dpo/*
        case $sign in
            head) cp whole/answers/dpo/evidence-head-* w/answers/dpo/ ;;
            release) ln -s 2026-01-01 w/published/latest ;;
            message) : > w/outbox/sent/1.eml ;;
            refused) : > w/quarantine/cases.jsonl ;;
        esac
        [ $sign = keys ] || mkdir -m 700 w/state w/state/runs # keys tell nothing then
        cp cases.csv w/inbox/cases-2.csv && touch w/inbox/cases-2.csv.ok
        if [ $sign = keys ]; then
            run -65 fz run
            [[ $output == *"'w/state' is gone"* ]]
            run -65 "$fallzahl" init w
        fi
        for command in run 'ingest --source cases --keep cases.csv' 'subjects --keep subjects.csv' retention status; do
            run -65 fz $command
            [[ $output == *"state/cases.db is gone or empty"* ]] || { echo "$sign $command: $output"; false; }
        done
        [ ! -e w/state/cases.db ] && [ -e w/inbox/cases-2.csv ]
        run -65 "$fallzahl" init w
        cp whole/state/test w/state/test
        fz restore --quiet backups/* 2>/dev/null
        "$fallzahl" init w --quiet
        fz person show customer=K2 | grep -q object
    done
}

@test "after a lost state/ without a backup one goes on by an act of one's own" {
    fz run --quiet
    rm -rf w/state
    run -65 "$fallzahl" init w
    [[ $output == *"state/cases.db is gone or empty"* ]]
    rm w/state/known-cases
    cp /dev/null w/state/test
    fz subjects --keep --quiet subjects.csv
    [ -s w/state/cases.db ]
}

@test "a workspace that was never used is completed without a word" {
    mkdir n && cp w/fallzahl.yaml n/
    "$fallzahl" init n | grep -q 'nothing is missing any more'
    rm -rf n/answers n/inbox
    "$fallzahl" init n | grep -q 'nothing is missing any more'
}
