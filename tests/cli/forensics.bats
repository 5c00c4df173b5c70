#!/usr/bin/env bats
# P4, P5: what was deleted is in no byte of any file. Pseudonyms are computed by tests/forensics.py, which is no part of the program.
bats_require_minimum_version 1.5.0

setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    tests=$(realpath "$BATS_TEST_DIRNAME/..")
    folder=$(mktemp -d)
    cd "$folder"
    . "$BATS_TEST_DIRNAME/rights_workspace.bash"
    make_rights_workspace w 'topic: {column: topic}'
    { echo id,closed,customer,email,channel,topic
      for i in $(seq 1 400); do echo "CASE-$i,2026-01-0$((i % 9 + 1)),CUSTOMER-$i,person$i@canary.example,chat,TOPIC-OF-$i."; done; } > cases.csv
    "$fallzahl" -C w ingest --source cases --keep --quiet --as-of 2026-02-01 cases.csv
    { echo "$header"
      for i in $(seq 1 400); do echo "i$i,nordhaus,opt_in,customer=CUSTOMER-$i,reader$i@canary.example,de,DE,email,,2026-01-05,,"; done; } > subjects.csv
    "$fallzahl" -C w subjects --quiet --as-of 2026-02-01 subjects.csv
}

teardown() {
    rm -rf "$folder"
}

# of ID...: the traces of these people, by kind
of() {
    for i in "$@"; do
        printf '%s\n' "id:customer=CUSTOMER-$i" "email=person$i@canary.example" "email=reader$i@canary.example" "case:cases=CASE-$i" "label=TOPIC-OF-$i."
    done
}

traces() {
    mapfile -t wanted < <(of "$@")
    /usr/bin/python3 "$tests/forensics.py" w w/keys "${wanted[@]}" | cut -d' ' -f1 | sort | uniq -c | tr -s ' \n' ' '
}

@test "P4: after objection and erasure no pseudonym and no contact is in any byte, but the register and the tombstones" {
    [ "$(traces 3 4)" = " 2 case 4 pseudonym 2 text " ] # the control: what is to go is found as long as it is there
    { echo "$header"
      for i in $(seq 3 3 400); do echo "o$i,,objection,person$i@canary.example,,,,,,2026-02-02,,"; done
      for i in $(seq 4 3 400); do echo "e$i,,erasure,customer=CUSTOMER-$i,,,,,,2026-02-02,,"; done; } > subjects.csv
    "$fallzahl" -C w subjects --quiet --as-of 2026-02-03 subjects.csv
    [ "$(sqlite3 w/state/cases.db 'SELECT count(*) FROM case_cases')" = 134 ]
    [ "$(sqlite3 w/state/surveys.db 'SELECT count(*) FROM contact')" = 134 ]
    gone=$(traces $(seq 3 3 400) $(seq 4 3 400))
    [ "$gone" = " 266 case 532 register " ] || { echo "$gone"; false; }
    [ "$(traces 1 5)" = " 2 case 4 pseudonym 2 text " ]
}

@test "P4: no byte of a barred case comes in again, its labels included; the label that a correction or a snapshot ends goes" {
    printf '%s\n' "$header" 'o3,,objection,person3@canary.example,,,,,,2026-02-02,,' > subjects.csv
    "$fallzahl" -C w subjects --quiet --as-of 2026-02-03 subjects.csv
    { echo id,closed,customer,email,channel,topic
      echo LATER-3,2026-02-03,CUSTOMER-3,person3@canary.example,chat,TOPIC-OF-3.
      echo CASE-5,2026-01-06,CUSTOMER-5,person5@canary.example,chat,TOPIC-AGAIN
      echo CASE-6,,CUSTOMER-6,person6@canary.example,chat,TOPIC-OF-6.; } > again.csv
    "$fallzahl" -C w ingest --source cases --quiet --as-of 2026-02-04 again.csv
    run -0 /usr/bin/python3 "$tests/forensics.py" w w/keys label=TOPIC-OF-3. label=TOPIC-OF-5. label=TOPIC-OF-6. label=TOPIC-OF-7. label=TOPIC-AGAIN
    [ "$output" = "text label=TOPIC-OF-7.
text label=TOPIC-AGAIN" ]
    sed -i 's/closed_at: closed$/closed_at: closed\n    delivery: snapshot\n    max_loss_percent: 100/' w/fallzahl.yaml
    { head -1 cases.csv; sed -n 11,401p cases.csv; } > snapshot.csv
    "$fallzahl" -C w ingest --source cases --quiet --as-of 2026-02-05 snapshot.csv
    run -0 /usr/bin/python3 "$tests/forensics.py" w w/keys label=TOPIC-OF-7. label=TOPIC-AGAIN label=TOPIC-OF-10.
    [ "$output" = "text label=TOPIC-OF-10." ]
}

@test "P5: a year after closing nothing is in any byte" {
    "$fallzahl" -C w retention --quiet --as-of 2027-01-09
    [ "$(sqlite3 w/state/cases.db 'SELECT count(*) FROM case_cases')" = 0 ]
    left=$(traces $(seq 1 400))
    [ -z "${left// }" ] || { echo "$left"; false; }
}

@test "P4: what kept erased cases away goes a year later, too; the objection stays" {
    printf '%s\n' "$header" 'o3,,objection,customer=CUSTOMER-3,,,,,,2026-02-02,,' 'e4,,erasure,customer=CUSTOMER-4,,,,,,2026-02-02,,' > subjects.csv
    "$fallzahl" -C w subjects --quiet --as-of 2026-02-03 subjects.csv
    "$fallzahl" -C w retention --quiet --as-of 2027-02-04
    [ "$(traces 3)" = " 2 register " ]
    left=$(traces 4)
    [ -z "${left// }" ] || { echo "$left"; false; }
}

@test "after a rotation no pseudonym of the old key is in any byte once everybody was seen again" {
    cp -r w/keys old
    "$fallzahl" -C w key rotate --as-of 2026-02-02 >/dev/null
    { echo id,closed,customer,email,channel,topic
      for i in $(seq 1 400); do echo "NEXT-$i,2026-02-01,CUSTOMER-$i,person$i@canary.example,chat,"; done; } > again.csv
    "$fallzahl" -C w ingest --source cases --quiet --as-of 2026-02-03 again.csv
    "$fallzahl" -C w run --quiet --as-of 2026-02-04
    rm -f old/objection.1 old/cases.1
    mapfile -t wanted < <(of 1 200 400 | grep -v ^label)
    run -0 /usr/bin/python3 "$tests/forensics.py" w old "${wanted[@]}"
    [ -z "$output" ]
    [ ! -e w/keys/analytics.1 ]
}

@test "P4: a restored surveys.db brings nobody back whose objection or erasure the store knows" {
    "$fallzahl" -C w backup --quiet --as-of 2026-02-01
    printf '%s\n' "$header" 'o3,,objection,customer=CUSTOMER-3,,,,,,2026-02-02,,' 'e4,,erasure,customer=CUSTOMER-4,,,,,,2026-02-02,,' > subjects.csv
    "$fallzahl" -C w subjects --quiet --as-of 2026-02-03 subjects.csv
    rm w/state/surveys.db*
    "$fallzahl" -C w restore --quiet --as-of 2026-02-03 w/state/backups/*
    [ "$(sqlite3 w/state/surveys.db 'SELECT count(*) FROM contact')" = 400 ]
    run -65 "$fallzahl" -C w survey service send --as-of 2026-02-03
    "$fallzahl" -C w restore --replayed --quiet --as-of 2026-02-03
    [ "$(sqlite3 w/state/surveys.db 'SELECT count(*) FROM contact')" = 398 ]
    [ "$(sqlite3 w/state/surveys.db "SELECT count(DISTINCT recipient) FROM consent_event WHERE kind <> 'opt_in'")" = 2 ]
    rm -r w/state/backups
    [ "$(traces 3 4)" = " 2 case 4 register " ]
    [ "$(traces 1)" = " 1 case 2 pseudonym 1 text " ]
}
