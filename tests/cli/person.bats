#!/usr/bin/env bats
# Access (GDPR Art. 15), erasure and objection for a person who asks.
bats_require_minimum_version 1.5.0

setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    folder=$(mktemp -d)
    cd "$folder"
    "$fallzahl" init w --test --quiet
    cat > w/fallzahl.yaml <<'YAML'
version: 1
timezone: UTC
country: DE
controllers: [nordhaus]
sources:
  cases:
    files: "cases-*.csv"
    case_id: id
    opened_at: opened
    closed_at: closed
    keep_input_days: 5
    max_rejects: {percent: 90}
    identifiers:
      customer: {column: customer, kind: id}
      email: {column: email, kind: email}
      phone: {column: phone, kind: phone}
    dimensions:
      month: {date: closed_at, as: month}
      category: {columns: [category, sub]}
      channel: {column: category}
    measures:
      cost: {column: cost, unit: EUR, decimals: 2}
YAML
    cp "$BATS_TEST_DIRNAME/../../examples/demo/surveys/service.yaml" w/surveys/
    echo 'id,opened,closed,customer,email,phone,category,sub,cost
1,2026-01-01,2026-01-02,K1,anna@mail.example,,delivery,late,12.50
2,2026-01-02,2026-01-03,K1,,030 5550101,delivery,lost,3
3,2026-01-03,2026-01-04,K2,,,payment,card,7
4,2026-01-03,never,K1,,,payment,card,7' > cases-1.csv
    header=event,controller,kind,identifier,contact,language,country,channel,purpose,occurred_at,source,evidence
    "$fallzahl" -C w ingest --quiet --keep --as-of 2026-02-01 cases-1.csv 2>/dev/null
}

teardown() {
    rm -rf "$folder"
}

person() {
    "$fallzahl" -C w person "$@" --as-of 2026-02-03
}

events() {
    printf '%s\n' "$header" "$@" > subjects.csv
    "$fallzahl" -C w subjects --quiet --as-of 2026-02-02 subjects.csv
}

@test "what is held is found by any identifier, under all live keys" {
    events 'h1,,hold,case:cases=1,,,,,court case,2026-01-10,,' 'h2,,hold,customer=K1,,,,,tax,2026-01-11,,' \
           'i1,nordhaus,opt_in,customer=K1,anna.reads@mail.example,de,DE,email,,2026-01-05,form-3,signed'
    "$fallzahl" -C w key rotate --as-of 2026-02-02 >/dev/null
    for id in anna@mail.example customer=K1 '+49 30 5550101'; do
        person export "$id" > held.json
        [ "$(jq -r '.data.cases | map(.closed) | join(" ")' held.json)" = "2026-01-02 2026-01-03" ] || { cat held.json; false; }
        [ "$(jq -r '.data.cases[0].values | "\(.category) \(.cost) \(.month)"' held.json)" = "delivery / late 12.50 EUR null" ]
        [ "$(jq -r '.data.cases[0] | "\(.source) \(.term_ends) \(.kept_until) \(.from_file) \(.holds[0].reason)"' held.json)" = "cases 2027-01-02 null cases-1.csv court case" ]
        [ "$(jq -r '.data.identifiers | map(.kind) | sort | join(" ")' held.json)" = "email id:customer phone" ]
        [ "$(jq -r '.data.holds[0] | "\(.reason) \(.held_at)"' held.json)" = "tax 2026-01-11T23:59:59Z" ] # a day alone: to its end
        [ "$(jq -r '.data.recipients[0].contacts[0].address' held.json)" = anna.reads@mail.example ]
        [ "$(jq -r '.data.recipients[0].consents[0] | "\(.kind) \(.text) \(.purpose)"' held.json)" = "opt_in form-3 service_survey" ]
    done
    [ "$(person export customer=K2 | jq '.data.cases | length')" = 1 ]
    [ "$(person show --json customer=K1)" = "$(person export customer=K1)" ]
}

@test "rows in quarantine and kept inputs are told, too" {
    person export customer=K1 > held.json
    [ "$(jq -r '.data.quarantine | map("\(.line) \(.values.category)") | sort | join(", ")' held.json)" = "2 delivery, 3 delivery, 5 payment, 5 payment" ]
    person export anna@mail.example > held.json
    [ "$(jq -r '.data.quarantine | map("\(.line) \(.values.category)") | sort | join(", ")' held.json)" = "2 delivery, 3 delivery, 5 payment, 5 payment" ]
}

# told ID: line numbers of the rows that are told whole, and of those withheld
told() {
    person export "$1" | jq -r '.data.quarantine // [] | [(map(select(.values) | .line) | sort | join(" ")), (map(select(.withheld) | .line) | sort | join(" "))] | join(" | ")'
}

@test "sealed rows are found by every identifier that belongs to the person, and by the numbers of the person's cases" {
    rm w/state/inputs/* w/quarantine/*
    echo 'id,opened,closed,customer,email,phone,category,sub,cost
20,2026-01-03,never,,Anna@Mail.example,,payment,card,7
21,2026-01-03,never,,,+49 (0)30 555 01 01,payment,card,7
1,2026-01-01,never,,,,payment,card,7
22,2026-01-03,never,K2,,,payment,card,7
23,2026-01-03,never,,,,+493055501 01,anna@mail.example,7
24,2026-01-03,2026-01-04,K50,,,a,b,1' > cases-2.csv
    "$fallzahl" -C w ingest --quiet --as-of 2026-02-02 cases-2.csv 2>/dev/null || true
    rm w/state/inputs/*
    for id in customer=K1 anna@mail.example '030 5550101'; do
        [ "$(told "$id")" = "2 3 4 6 | " ] || { told "$id"; false; }
    done
    [ "$(told customer=K2)" = "5 | " ]
    person object customer=K1 # the store forgets the person, the register of claims does not
    [ "$(told '030 5550101')" = "2 3 6 | " ]
    [ "$(told customer=K2)" = "5 | " ]
}

@test "of a sealed row that names somebody else, or may be another's, no cell is told" {
    rm w/state/inputs/* w/quarantine/*
    echo 'id,opened,closed,customer,email,phone,category,sub,cost
30,2026-01-03,never,K2,anna@mail.example,,secret,card,7
1,2026-01-01,never,K99,,,secret,card,7
K1,2026-01-03,never,K98,,,K1,K1,7
31,2026-01-03,never,K2,,,30 5550101,card,7
32,2026-01-03,x,2026-01-04,K1,,,secret,card,7
33,2026-01-03,never,K97,anna@mail.example,,open,card,7
34,2026-01-03,2026-01-04,K50,,,a,b,1' > cases-2.csv
    "$fallzahl" -C w ingest --quiet --as-of 2026-02-02 cases-2.csv 2>/dev/null || true
    rm w/state/inputs/*
    [ "$(told customer=K1)" = "7 | 2 3 6" ] || { told customer=K1; false; }
    ! person export customer=K1 | grep -q 'secret\|K99\|K2' || false
    person show customer=K1 | grep -q "not told: the row names somebody else, too, or may be another's"
    person show customer=K1 --language de | grep -q 'nicht mitgeteilt: die Zeile nennt noch jemanden'
    [ "$(told customer=K2)" = "5 | 2" ]
}

@test "refused rows of subject files are found by the identifier, the contact and the case that they name" {
    rm w/state/inputs/* w/quarantine/*
    events 'i1,nordhaus,opt_in,customer=K1,anna.reads@mail.example,de,DE,email,,2026-01-05,form-3,signed'
    events 'x1,,objection,ANNA@mail.example,,,,,,2099-01-01,,' 'x2,,hold,case:cases=1,,,,,,2026-01-01,,' 'x3,,hold,case:cases=3,,,,,,2026-01-01,,' \
           'x4,nordhaus,opt_in,customer=K77,anna.reads@mail.example,,DE,email,,2099-01-01,,' 'x5,,objection,customer=K2,,,,,,2099-01-01,,' \
           'x6,,objection,customer=K1,,,,,,2026-01-01,,,,more' 'x7,,erasure,phone=030/5550101,,,,,,2099-01-01,,' || true
    for id in customer=K1 anna@mail.example; do
        [ "$(told "$id")" = "2 3 5 8 | 7" ] || { told "$id"; false; }
    done
    [ "$(told customer=K2)" = "4 6 | " ]
}

@test "a file that cannot be opened is named with its term, and keeps nobody from the rest" {
    person export customer=K1 > whole.json
    touch w/state/inputs/notes.txt
    mkdir w/state/inputs/folder
    kept=$(basename w/state/inputs/*.sealed)
    : > "w/state/inputs/$kept"
    person export customer=K1 > held.json
    [ "$(jq -S '.data | del(.quarantine)' held.json)" = "$(jq -S '.data | del(.quarantine)' whole.json)" ]
    [ "$(jq -r '.data.quarantine[] | select(.damaged) | "\(.file) \(.kept_until)"' held.json | sort)" = "$(printf '%s\n' "$kept ${kept:0:10}" 'folder null' 'notes.txt null' | sort)" ]
    [ "$(jq '.data.quarantine | map(select(.line)) | length' held.json)" = 1 ] # the row in quarantine
    person show customer=K1 > en.txt
    grep -q 'cannot be opened: the file is damaged' en.txt
    rm -r w/state/inputs/notes.txt w/state/inputs/folder
    name=$(basename w/quarantine/*.jsonl)
    until=$(head -1 "w/quarantine/$name" | jq -r .expires)
    sed -i '$s/.\{9\}$/AAAA"}/' "w/quarantine/$name"
    person export customer=K1 > held.json
    [ "$(jq -r --arg name "$name" '.data.quarantine[] | select(.file == $name) | "\(.damaged) \(.kept_until)"' held.json)" = "true $until" ]
}

@test "files that nothing has read are not searched, and that is said" {
    ! person show customer=K1 | grep -q 'not looked into' || false
    echo x > w/inbox/cases-9.csv
    touch w/inbox/cases-9.csv.ok
    echo x > w/inbox/old-export.txt
    person show nobody@mail.example | grep -qx 'Files in the inbox that nothing has read yet, and that were not looked into: 2'
    person show customer=K1 --language de | grep -qx 'Dateien im Eingang, die noch nicht gelesen sind und in die nicht gesehen wurde: 2'
    [ "$(person export nobody@mail.example | jq -c '[.held, .inbox_files_not_searched]')" = '[false,2]' ]
}

@test "in plain words, English and German" {
    person show anna@mail.example > en.txt
    person show anna@mail.example --language de > de.txt
    grep -q '^What is held on this person as of 2026-02-03T00:00:00Z$' en.txt
    grep -q '^Closed cases, pseudonymised:$' en.txt
    grep -q '^    closed on: 2026-01-02$' en.txt
    grep -q '^      category: delivery / late$' en.txt
    grep -q '^Was zu dieser Person gespeichert ist, Stand 2026-02-03T00:00:00Z$' de.txt
    grep -q '^    abgeschlossen am: 2026-01-02$' de.txt
    [ "$(wc -l < en.txt)" = "$(wc -l < de.txt)" ]
}

@test "of a case that is held no end is promised; after its release it is again" {
    events 'h1,,hold,case:cases=1,,,,,court case,2026-01-10,,'
    person show customer=K1 > en.txt
    [ "$(grep -c 'deleted at the latest on: 2027-01-03' en.txt)" = 1 ] # the other case
    [ "$(grep -c 'deleted at the latest on: 2027-01-02' en.txt)" = 0 ]
    grep -qx '    its term ends on (kept longer while a hold stands): 2027-01-02' en.txt
    "$fallzahl" -C w retention --quiet --as-of 2027-02-01
    "$fallzahl" -C w person show customer=K1 --language de --as-of 2027-02-01 > de.txt
    grep -qx '    Ende der Frist (länger aufbewahrt, solange ein Aufbewahrungsgrund besteht): 2027-01-02' de.txt
    ! grep -q 'spätestens gelöscht' de.txt || false
}

@test "instants are told by the clock of the workspace's zone, as JSON in UTC" {
    sed -i 's/^timezone: UTC/timezone: Europe\/Berlin/' w/fallzahl.yaml
    events 'i1,nordhaus,opt_in,customer=K1,anna.reads@mail.example,de,DE,email,,2026-01-05,form-3,signed' 'o1,,recording_consent_withdrawn,customer=K1,,,,,,2025-07-05T01:30:00+02:00,,'
    person show customer=K1 --language de > de.txt
    grep -qx '        am: 2026-01-05T00:00:00+01:00' de.txt
    grep -q 'widerrufen am: 2025-07-05T01:30:00+02:00$' de.txt
    [ "$(person export customer=K1 | jq -r '.data.recipients[0].consents[0].at')" = 2026-01-04T23:00:00Z ]
}

@test "kinds, channels and states are words too, not the program's own" {
    events 'i1,nordhaus,opt_in,customer=K1,anna.reads@mail.example,de,DE,email,,2026-01-05,form-3,signed' 'o1,,recording_consent_withdrawn,customer=K1,,,,,,2026-01-05,,'
    person show customer=K1 > en.txt
    person show customer=K1 --language de > de.txt
    ! grep -nE ': (id:|email$|phone$|service_survey$|event$|\*$)|id:customer' en.txt de.txt || false
    grep -qx '    kind: customer' en.txt
    grep -qx '    kind: telephone' en.txt
    grep -qx '    Art: Telefon' de.txt
    grep -qx '  wiedererkannt an: E-Mail, customer, Telefon' de.txt
    [ "$(person export customer=K1 | jq -r '.data.identifiers | map(.kind) | sort | join(" ")')" = "email id:customer phone" ]
}

@test "words of dimensions stay as configured; identifiers of a contact are not called hashes" {
    events 'i1,nordhaus,opt_in,customer=K1,anna.reads@mail.example,de,DE,email,,2026-01-05,form-3,signed'
    person show customer=K1 --language de > de.txt
    grep -qx '      channel: delivery' de.txt
    person show customer=K1 > en.txt
    [ "$(grep -c 'Identifiers by which the cases are known, as keyed hashes:' en.txt)" = 1 ]
    grep -A3 'Identifiers of the person, encrypted:' en.txt | grep -q 'value: '
    grep -q 'Kennungen der Person, verschlüsselt:' de.txt
}

@test "or that nothing is held; what identifies nobody is said to" {
    [ "$(person export nobody@mail.example | jq -c '[.held, .data]')" = '[false,{}]' ]
    person show nobody@mail.example | grep -q '^Nothing is held on this person: no case'
    person show nobody@mail.example --language de | grep -q '^Zu dieser Person ist nichts gespeichert'
    { echo 'id,opened,closed,customer,email,phone,category,sub,cost'
      for i in $(seq 10 19); do echo "$i,2026-01-01,2026-01-02,C$i,,030 5550100,a,b,1"; done; } > cases-2.csv
    "$fallzahl" -C w ingest --quiet --as-of 2026-02-03 cases-2.csv 2>/dev/null
    person show '030 5550100' | grep -q '^This identifier is shared by many'
    run -65 person show 'what?'
    [[ "$output" != *what* ]]
    run -64 person show a@b.de --language fr
    run -64 person sho a@b.de
}

@test "object: nothing is left but the objection; forget: nothing but what keeps it away" {
    person object anna@mail.example
    [ "$(person export customer=K1 | jq -r '.data | "\(.cases) \(.claims.objected_at)"')" = "null 2026-02-03T00:00:00Z" ]
    person forget customer=K2
    [ "$(person export customer=K2 | jq -r '.data | "\(.cases) \(.claims.erased_at)"')" = "null 2026-02-03T00:00:00Z" ]
    "$fallzahl" -C w ingest --quiet --keep --as-of 2026-02-04 cases-1.csv 2>/dev/null
    [ "$(sqlite3 w/state/cases.db 'SELECT count(*) FROM case_cases')" = 0 ]
}

@test "P8: each leaves a record, without the identity" {
    person show anna@mail.example >/dev/null
    person export anna@mail.example >/dev/null
    person forget customer=K2 >/dev/null
    person object anna@mail.example >/dev/null
    cut -d' ' -f2- w/state/evidence.log | jq -r 'select(.exit_status != null and .act != "ingest") | .act' > acts
    printf 'person %s\n' show export forget object | diff acts -
    ! grep -qi 'anna\|K2' w/state/evidence.log w/state/runs/* || false
}

@test "requests of the data protection officer: access, objection, erasure, holds" {
    ask() { printf "$2" > "w/requests/dpo/$1.yaml"; }
    ask a 'do: access\nperson: anna@mail.example\n'
    ask b 'do: hold\nperson: case:cases=1\nreason: court case\nat: 2026-02-01\n'
    ask c 'do: objection\nperson: customer=K1\nat: 2026-02-02\n'
    ask d 'do: erasure\nperson: customer=K2\n'
    ask e 'do: hold\nperson: customer=K2\n'
    ask f 'do: objection\nperson: nonsense\n'
    ask g 'do: access\nperson: customer=K2\n'
    printf 'do: access\nperson: anna@mail.example\n' > w/requests/marketing/x.yaml
    "$fallzahl" -C w requests --quiet --as-of 2026-02-03
    grep -q 'closed on: 2026-01-02' w/answers/dpo/a.answer.txt
    grep -q 'abgeschlossen am: 2026-01-02' w/answers/dpo/a.answer.txt
    grep -q '^cases removed: 1$' w/answers/dpo/c.answer.txt
    grep -q '^cases kept for a hold: 1$' w/answers/dpo/c.answer.txt
    grep -q '^cases removed: 1$' w/answers/dpo/d.answer.txt
    grep -q "'reason' is missing" w/answers/dpo/e.answer.txt
    [ "$(jq -r .state w/answers/dpo/f.answer.json)" = refused ]
    grep -q 'erasure asked for, as of: 2026-02-03' w/answers/dpo/g.answer.txt
    [ "$(jq -r .state w/answers/marketing/x.answer.json)" = refused ]
    ! grep -q 2026-01-02 w/answers/marketing/x.answer.txt || false
    cut -d' ' -f2- w/state/evidence.log | jq -r .act | sort -u | grep -qx 'person access'
    ! grep -qi 'anna\|K1\|K2' w/state/evidence.log || false
}

@test "access says of a hold whether it is in force, also where a release of the same instant does not end it" {
    events 'h1,,hold,customer=K1,,,,,court,2026-01-10T00:00:00Z,,' 'r1,,hold_release,customer=K1,,,,,court,2026-01-10T00:00:00Z,,' \
        'h2,,hold,customer=K1,,,,,tax,2026-01-10,,' 'r2,,hold_release,customer=K1,,,,,tax,2026-01-20,,' 'r3,,hold_release,customer=K1,,,,,debt,2026-01-20,,'
    "$fallzahl" -C w person export customer=K1 --as-of 2026-02-02 > all.json
    [ "$(jq -c '.data.holds | map(select(.held_at) | [.reason, .in_force, .over])' all.json)" = '[["court",true,null],["tax",null,true]]' ]
    "$fallzahl" -C w person show customer=K1 --as-of 2026-02-02 > all.txt
    [ "$(grep -c 'in force, until it is released at a later instant' all.txt)" = 1 ]
    "$fallzahl" -C w person show customer=K1 --language de --as-of 2026-02-02 | grep -q 'in Kraft, bis er'
    [ "$(grep -c 'no longer in force' all.txt)" = 1 ]
}
