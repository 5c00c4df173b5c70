#!/usr/bin/env bats
# A lost or swapped key: what is told, what goes on, what does not, and the way on. An objection can always be done.
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
      channel: {column: channel}
YAML
    cp "$BATS_TEST_DIRNAME/../../examples/demo/surveys/service.yaml" w/surveys/
    header=event,controller,kind,identifier,contact,language,country,channel,purpose,occurred_at,source,evidence
    { echo id,closed,customer,email,channel
      for i in 1 2 3 4; do echo "C$i,2026-01-0$i,K$i,person$i@mail.example,chat"; done; } > cases.csv
    "$fallzahl" -C w ingest --source cases --keep --quiet --as-of 2026-02-01 cases.csv
    { echo "$header"
      for i in 1 2 3 4; do echo "i$i,nordhaus,opt_in,customer=K$i,reader$i@mail.example,de,DE,email,,2026-01-05,,"; done; } > subjects.csv
    "$fallzahl" -C w subjects --keep --quiet --as-of 2026-02-01 subjects.csv
}

teardown() {
    rm -rf "$folder"
}

swap() {
    /usr/bin/python3 -c 'import secrets; print(secrets.token_hex(32))' > "w/keys/$1.1"
}

cases() {
    sqlite3 w/state/cases.db "SELECT count(*) FROM case_cases"
}

contacts() {
    sqlite3 w/state/surveys.db "SELECT count(*) FROM contact"
}

@test "every key that is swapped or lost is seen by key status and by check" {
    "$fallzahl" -C w check --quiet
    for purpose in analytics objection cases contact token quarantine; do
        cp "w/keys/$purpose.1" safe
        swap "$purpose"
        run -77 "$fallzahl" -C w key status
        [[ $output == *"$purpose.1  another key  "* ]]
        run -77 "$fallzahl" -C w check
        [[ $output == *"the key '$purpose.1' is not the one with which the store was made"* ]]
        rm "w/keys/$purpose.1"
        run -77 "$fallzahl" -C w key status
        [[ $output == *"$purpose.1  lost  "* ]]
        run -77 "$fallzahl" -C w check
        [[ $output == *"the key '$purpose.1', with which the store was made, is gone"* ]]
        run -77 "$fallzahl" -C w key init --as-of 2026-02-02
        [ ! -e "w/keys/$purpose.1" ]
        install -m 0600 safe "w/keys/$purpose.1"
    done
    "$fallzahl" -C w key status
    "$fallzahl" -C w check --quiet
}

@test "P4: with the contact key lost or swapped an objection, an erasure and an opt-out are done all the same" {
    cp -r w intact
    for way in lost swapped emptied; do
        rm -rf w && cp -r intact w
        case $way in
            lost) rm w/keys/contact.1 ;;
            swapped) swap contact ;;
            emptied) : > w/keys/contact.1 ;;
        esac
        run -0 "$fallzahl" -C w person object person1@mail.example --as-of 2026-02-02
        [[ $output == *"a contact key is lost or another"* ]]
        [ "$(cases)" = 3 ]
        run -0 "$fallzahl" -C w person forget customer=K2 --as-of 2026-02-02
        [ "$(cases)" = 2 ]
        [ "$(contacts)" = 3 ] # that of K2; who objected by the e-mail address of the cases is found out when the contacts can be read
        printf '%s\n' "$header" 'o3,,objection,customer=K3,,,,,,2026-02-02,,' 'x4,*,opt_out,reader4@mail.example,reader4@mail.example,,,email,,2026-02-02,,' \
            'bad,,objection,,,,,,,,,' > more.csv
        run -65 "$fallzahl" -C w subjects --as-of 2026-02-02 more.csv
        [ "$(cases)" = 1 ]
        [ "$(contacts)" = 1 ]
        run -0 "$fallzahl" -C w person show customer=K4 --as-of 2026-02-02
        [[ $output == *"customer"* ]]
        run -0 "$fallzahl" -C w retention --as-of 2027-01-20
        [ "$(cases)" = 0 ]
    done
}

@test "P4: no case comes in and nothing is sent by a key that is not the one" {
    for purpose in contact token quarantine; do
        cp "w/keys/$purpose.1" safe
        swap "$purpose"
        echo C9,2026-01-09,K9,person9@mail.example,chat >> cases.csv
        run -77 "$fallzahl" -C w ingest --source cases --keep --as-of 2026-02-02 cases.csv
        [[ $output == *"'$purpose.1' is not the one"* ]]
        run -77 "$fallzahl" -C w survey service send --as-of 2026-02-02
        run -77 "$fallzahl" -C w run --as-of 2026-02-02
        [ "$(cases)" = 4 ]
        install -m 0600 safe "w/keys/$purpose.1"
    done
}

@test "P4: once the contact key is back, the objection by another identifier takes the contact away before anything is sent" {
    mv w/keys/contact.1 safe
    "$fallzahl" -C w person object person1@mail.example --quiet --as-of 2026-02-02
    [ "$(contacts)" = 4 ]
    mv safe w/keys/contact.1
    run -75 "$fallzahl" -C w survey service send --as-of 2026-02-03
    "$fallzahl" -C w requests --quiet --as-of 2026-02-03
    [ "$(contacts)" = 3 ]
    [ "$(sqlite3 w/state/cases.db 'SELECT count(*) FROM subject_journal')" = 0 ]
    run -64 "$fallzahl" -C w survey service send --as-of 2026-02-03
    [[ $output == *plan* ]] # there is none yet; nothing else is in the way
}

@test "a key that is lost for good is given up by name, and only then" {
    run -64 "$fallzahl" -C w key give-up contact --as-of 2026-02-02
    [[ $output == *"is in its place"* ]]
    for purpose in analytics objection cases nothing; do
        run -64 "$fallzahl" -C w key give-up $purpose --as-of 2026-02-02
    done
    rm w/keys/contact.1 w/keys/quarantine.1
    swap token
    for purpose in contact token quarantine; do
        "$fallzahl" -C w key give-up $purpose --as-of 2026-02-02
    done
    [ "$(contacts)" = 0 ]
    [ "$(sqlite3 w/state/surveys.db "SELECT count(*) FROM consent_event")" = 4 ] # the ledger stays
    "$fallzahl" -C w person object person1@mail.example --quiet --as-of 2026-02-03
    "$fallzahl" -C w key status
    echo C9,2026-01-09,K9,person9@mail.example,chat >> cases.csv
    "$fallzahl" -C w ingest --source cases --keep --quiet --as-of 2026-02-03 cases.csv
    [ "$(cases)" = 4 ]
    { echo "$header"; echo "i9,nordhaus,opt_in,customer=K9,reader9@mail.example,de,DE,email,,2026-02-02,,"; } > subjects.csv
    "$fallzahl" -C w subjects --quiet --as-of 2026-02-03 subjects.csv
    [ "$(sqlite3 w/state/surveys.db "SELECT key_epoch FROM contact")" = 2 ]
    grep -q '"key give-up"' w/state/evidence.log
}

@test "a damaged key is told as damaged, stops no objection, is not replaced, and is given up like a lost one" {
    for purpose in contact token quarantine; do
        yes 00 | head -c 3000 > "w/keys/$purpose.1"
        run -77 "$fallzahl" -C w key status
        [[ $output == *"$purpose.1  damaged  "* ]]
        run -77 "$fallzahl" -C w check
        [[ $output == *"the key '$purpose.1', with which the store was made, is damaged"* ]]
        run -77 "$fallzahl" -C w ingest --source cases --keep --as-of 2026-02-02 cases.csv
        run -77 "$fallzahl" -C w key init --as-of 2026-02-02
        [ "$(stat -c %s "w/keys/$purpose.1")" = 3000 ]
        "$fallzahl" -C w person object "customer=K${#purpose}" --quiet --as-of 2026-02-02
        "$fallzahl" -C w key give-up $purpose --quiet --as-of 2026-02-02
        [ ! -e "w/keys/$purpose.1" ]
        [ -s "w/keys/$purpose.2" ]
        "$fallzahl" -C w key status
    done
    "$fallzahl" -C w check --quiet
}

@test "a damaged key on which every recognition rests stops everything, and is named" {
    for purpose in analytics objection cases; do
        cp "w/keys/$purpose.1" safe
        : > "w/keys/$purpose.1"
        run -65 "$fallzahl" -C w person object customer=K1 --as-of 2026-02-02
        [[ $output == *"'$purpose.1' is not a key"* ]]
        cat safe > "w/keys/$purpose.1"
    done
}
