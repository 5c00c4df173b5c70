# Opt-ins that exports carry: into the consent ledger, contact data of people with a valid one only, and from there into an audience.
bats_require_minimum_version 1.5.0

setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    survey=$(realpath "$BATS_TEST_DIRNAME/../../examples/demo/surveys/service.yaml")
    kill_at=$(dirname "$fallzahl")/fault/kill_at
    folder=$(mktemp -d)
    cd "$folder"
    "$fallzahl" init w --test --quiet
    cat > w/fallzahl.yaml <<'YAML'
version: 1
timezone: UTC
controllers: [nordhaus, velora]
sources:
  cases:
    files: "cases-*.csv"
    case_id: id
    closed_at: closed
    updated_at: updated
    controller: brand
    identifiers: {customer: {column: customer, kind: id}, email: {column: email, kind: email}}
    opt_in:
      email: {column: may_ask, values: [yes, ja], withdrawn: [left], address: email, text_version: "2025-1"}
    contact: {language: language, country: country}
    dimensions:
      month: {date: closed_at, as: month}
      channel: {column: channel, allow: [chat, phone]}
YAML
    sed -e '/^sample:/d' -e 's/^closed_within_days.*/closed_within_days: 21/' -e 's/^holdout_percent.*/holdout_percent: 0/' -e 's/^segments:.*//' "$survey" > w/surveys/service.yaml
}

teardown() {
    rm -rf "$folder"
}

# ingest DAY ROWS: rows without the columns that are always the same.
ingest() {
    number=$((${number:-0} + 1))
    { echo 'id,closed,updated,brand,customer,email,may_ask,language,country,channel'; printf "$2"; } > "w/inbox/cases-$number.csv"
    "$fallzahl" -C w ingest --quiet --as-of "$1" "w/inbox/cases-$number.csv"
}

sql() {
    /usr/bin/python3 -c 'import sqlite3, sys; [print(*row, sep="|") for row in sqlite3.connect("w/state/surveys.db").execute(sys.argv[1])]' "$1"
}

plan() {
    "$fallzahl" -C w survey service plan --as-of "$1" >/dev/null
    sql 'SELECT count(*) FROM plan_recipient WHERE plan = (SELECT max(plan) FROM survey_plan)'
}

@test "P3: only who said yes, for the brand that was named, is in the audience; no contact is kept of others" {
    ingest 2026-02-02 '1,2026-02-01,2026-02-01,nordhaus,K1,a@b.de,yes,de,DE,chat\n2,2026-02-01,2026-02-01,nordhaus,K2,c@b.de,no,de,DE,chat\n3,2026-02-01,2026-02-01,velora,K3,d@b.de,yes,de,DE,chat\n4,2026-02-01,2026-02-01,nordhaus,K4,e@b.de,,de,DE,chat\n5,2026-02-01,2026-02-01,nordhaus,K5,,yes,de,DE,chat\n'
    [ "$(plan 2026-02-02)" = 1 ]
    [ "$(sql 'SELECT count(*) FROM contact')" = 1 ]
    [ "$(sql 'SELECT controller, kind, origin, text_version, occurred_at FROM consent_event ORDER BY 1')" = "nordhaus|opt_in|case|2025-1|1769904000
velora|opt_in|case|2025-1|1769904000" ]
}

@test "P4: a consent that no survey can use now is found by the case's other identifiers" {
    ingest 2026-02-02 '3,2026-02-01,2026-02-01,velora,K3,d@b.de,yes,de,DE,chat\n'
    [ "$(sql 'SELECT count(*) FROM contact')" = 0 ]
    [ "$("$fallzahl" -C w person export customer=K3 --as-of 2026-02-03 | jq -r '.data.recipients[0].consents[0].kind')" = opt_in ]
    "$fallzahl" -C w person object customer=K3 --quiet --as-of 2026-02-03
    [ "$(sql 'SELECT group_concat(kind), count(DISTINCT recipient) FROM consent_event')" = "opt_in,objection|1" ]
    # Even if the store of cases has forgotten that they belong together, and a survey can use it by now.
    sed -i 's/^controller: .*/controller: velora/' w/surveys/service.yaml
    printf 'event,controller,kind,identifier,contact,channel,occurred_at\nx,velora,opt_in,email=d@b.de,d@b.de,email,2026-02-02\n' > subjects.csv
    "$fallzahl" -C w subjects --quiet --as-of 2026-02-04 subjects.csv
    [ "$(sql 'SELECT count(*) FROM contact')" = 0 ]
}

@test "P4: a case that ties an objector's identifier to an address takes the contact away, before anything is sent" {
    "$fallzahl" -C w person object customer=K1 --quiet --as-of 2026-02-01
    ingest 2026-02-02 '1,2026-02-01,2026-02-01,nordhaus,,a@b.de,yes,de,DE,chat\n2,2026-02-01,2026-02-01,nordhaus,,c@b.de,yes,de,DE,chat\n'
    [ "$(sql 'SELECT count(*) FROM contact')" = 2 ]
    ingest 2026-02-03 '3,2026-02-02,2026-02-02,nordhaus,K1,a@b.de,,de,DE,chat\n'
    [ "$(sql 'SELECT count(*) FROM contact')" = 1 ]
    [ "$(sql "SELECT count(*) FROM consent_event WHERE kind = 'objection'")" = 1 ]
    [ "$(plan 2026-02-03)" = 1 ]
    # the same by an opt-in that somebody hands in: the contact c@b.de turns out to be K2's, who objected
    "$fallzahl" -C w person object customer=K2 --quiet --as-of 2026-02-03
    printf 'event,controller,kind,identifier,contact,channel,occurred_at\nx,velora,opt_in,customer=K2,c@b.de,email,2026-02-02\n' > subjects.csv
    "$fallzahl" -C w subjects --quiet --as-of 2026-02-04 subjects.csv
    [ "$(sql 'SELECT count(*) FROM contact')" = 0 ]
}

@test "an opt-in that comes days after the case makes the case eligible" {
    ingest 2026-02-02 '1,2026-02-01,2026-02-01,nordhaus,K1,a@b.de,,de,DE,chat\n'
    [ "$(plan 2026-02-02)" = 0 ]
    ingest 2026-02-06 '1,2026-02-01,2026-02-05,nordhaus,K1,a@b.de,ja,de,DE,chat\n'
    [ "$(plan 2026-02-06)" = 1 ]
}

@test "P3: a flag never brings back somebody who left, however often files say so" {
    ingest 2026-02-02 '1,2026-02-01,2026-02-01,nordhaus,K1,a@b.de,yes,de,DE,chat\n'
    ingest 2026-02-03 '1,2026-02-01,2026-02-02,nordhaus,K1,a@b.de,left,de,DE,chat\n'
    [ "$(sql 'SELECT count(*) FROM contact')" = 0 ]
    ingest 2026-02-05 '2,2026-02-04,2026-02-04,nordhaus,K1,a@b.de,yes,de,DE,chat\n'
    [ "$(sql 'SELECT count(*) FROM contact')" = 0 ]
    [ "$(plan 2026-02-05)" = 0 ]
    [ "$(sql 'SELECT group_concat(kind) FROM consent_event')" = opt_in,opt_out ]
}

@test "P3: a flag that takes a consent back holds whatever came first" {
    ingest 2026-02-02 '1,2026-02-01,2026-02-01,nordhaus,K1,a@b.de,left,de,DE,chat\n2,2026-02-01,2026-02-01,nordhaus,K2,b@b.de,left,de,DE,chat\n'
    ingest 2026-02-03 '3,2026-01-30,2026-01-30,nordhaus,K1,a@b.de,yes,de,DE,chat\n'
    asks 'i,nordhaus,opt_in,b@b.de,b@b.de,email,2026-01-30' 2026-02-03
    [ "$(plan 2026-02-03)" = 0 ]
    # said again, it is no news; and a yes of the person itself, after it, holds
    ingest 2026-02-04 '4,2026-02-01,2026-02-01,nordhaus,K1,a@b.de,left,de,DE,chat\n'
    [ "$(sql "SELECT count(*) FROM consent_event WHERE kind = 'opt_out'")" = 2 ]
    asks 'i2,nordhaus,opt_in,a@b.de,a@b.de,email,2026-02-04' 2026-02-05
    [ "$(plan 2026-02-05)" = 1 ]
}

@test "a contact is refreshed by new cases and joins the case that has no address" {
    ingest 2026-02-02 '1,2026-02-01,2026-02-01,nordhaus,,a@b.de,yes,,,chat\n'
    before=$(sql 'SELECT usable_until FROM contact')
    ingest 2026-02-05 '2,2026-02-04,2026-02-04,nordhaus,K1,A@b.de ,,en,gb,chat\n'
    [ "$(sql 'SELECT language, country, usable_until FROM contact')" = "en|GB|$((before + 3))" ]
    ingest 2026-03-20 '3,2026-03-19,2026-03-19,nordhaus,K1,,,en,GB,chat\n'
    [ "$(plan 2026-03-20)" = 1 ]
}

@test "P1: contacts go when no survey can use them, and are not taken where there is no survey" {
    ingest 2026-02-02 '1,2026-02-01,2026-02-01,nordhaus,K1,a@b.de,yes,de,DE,chat\n2,2026-02-01,2026-02-01,nordhaus,K2,c@b.de,yes,de,DE,chat\n'
    last=$(sql 'SELECT max(usable_until) FROM contact')
    "$fallzahl" -C w retention --quiet --as-of "$(date -u -d "@$((last * 86400))" +%F)"
    [ "$(sql 'SELECT count(*) FROM contact')" = 2 ]
    mv w/surveys/service.yaml .
    "$fallzahl" -C w retention --quiet --as-of "$(date -u -d "@$((last * 86400))" +%F)"
    [ "$(sql 'SELECT count(*) FROM contact')" = 0 ]
    ingest 2026-04-02 '3,2026-04-01,2026-04-01,nordhaus,K3,f@b.de,yes,de,DE,chat\n'
    [ "$(sql 'SELECT count(*) FROM contact')" = 0 ]
    [ "$(sql 'SELECT count(*) FROM consent_event')" = 3 ]
}

@test "P1: neither address nor customer number stands anywhere in clear" {
    ingest 2026-02-02 '1,2026-02-01,2026-02-01,nordhaus,KUNDE-4711,erika.canary@b.de,yes,de,DE,chat\n'
    [ "$(plan 2026-02-02)" = 1 ]
    ! grep -rlE 'erika.canary|KUNDE-4711' w/state w/quarantine
}

@test "the policy of a country and the list's double opt-in decide" {
    ingest 2026-02-02 '1,2026-02-01,2026-02-01,nordhaus,K1,a@b.de,yes,de,DE,chat\n2,2026-02-01,2026-02-01,nordhaus,K2,c@b.at,yes,de,AT,chat\n3,2026-02-01,2026-02-01,nordhaus,K3,d@b.ch,yes,de,CH,chat\n'
    [ "$(plan 2026-02-02)" = 3 ]
    printf 'surveys:\n  legal_basis:\n    default: {email: none}\n    AT: {email: double_opt_in}\n    CH: {email: consent}\n' >> w/fallzahl.yaml
    [ "$(plan 2026-02-02T10:00:00Z)" = 1 ]
    echo 'double_opt_in: true' >> w/surveys/service.yaml
    [ "$(plan 2026-02-02T11:00:00Z)" = 0 ]
    sed -i 's/    AT:/    XX:/' w/fallzahl.yaml
    run "$fallzahl" -C w check
    [[ $output == *"fallzahl.yaml:"*"'XX' is no country"* ]]
}

@test "P3: a country that is no code is held to the strictest of all countries; three letters are understood" {
    ingest 2026-02-02 '1,2026-02-01,2026-02-01,nordhaus,K1,a@b.at,yes,de,AUT,chat\n2,2026-02-01,2026-02-01,nordhaus,K2,c@b.at,yes,de,Austria,chat\n3,2026-02-01,2026-02-01,nordhaus,K3,d@b.de,yes,de,deu,chat\n4,2026-02-01,2026-02-01,nordhaus,K4,e@b.de,yes,de,,chat\n5,2026-02-01,2026-02-01,nordhaus,K5,f@b.uk,yes,de,UK,chat\n'
    [ "$(sql "SELECT group_concat(country) FROM (SELECT coalesce(country, '-') AS country FROM contact ORDER BY recipient)")" = AT,ZZ,DE,-,UK ]
    [ "$(plan 2026-02-02)" = 5 ] # no country has a rule
    printf 'surveys:\n  legal_basis:\n    AT: {email: none}\n' >> w/fallzahl.yaml
    [ "$(plan 2026-02-02T10:00:00Z)" = 2 ] # of DE, and where nothing is said
}

@test "P3: an opt-out of a purpose that nothing knows is of all purposes" {
    ingest 2026-02-02 '1,2026-02-01,2026-02-01,nordhaus,K1,a@b.de,yes,de,DE,chat\n2,2026-02-01,2026-02-01,nordhaus,K2,c@b.de,yes,de,DE,chat\n'
    printf 'event,controller,kind,identifier,contact,channel,purpose,occurred_at\n%s\n%s\n' o1,nordhaus,opt_out,a@b.de,,email,Service_Survey,2026-02-03 \
        o2,nordhaus,opt_out,c@b.de,,email,service_survey,2026-02-03 > subjects.csv
    "$fallzahl" -C w subjects --quiet --as-of 2026-02-03 subjects.csv
    [ "$(plan 2026-02-03)" = 0 ]
    [ "$(sql "SELECT group_concat(purpose) FROM (SELECT DISTINCT purpose FROM consent_event WHERE kind = 'opt_out' ORDER BY 1)")" = '*,service_survey' ]
}

@test "a flag on the wrong kind of identifier, or of no brand, is a mistake of the configuration" {
    sed -i 's/address: email/address: customer/; /controller: brand/d; s/      email: {column: may_ask/      fax: {column: x, values: [y], address: email}\n&/' w/fallzahl.yaml
    run "$fallzahl" -C w check
    [ "$status" -eq 78 ]
    [[ $output == *"the channel 'email' cannot use this identifier"* ]]
    [[ $output == *"'fax' is no channel"* ]]
    [[ $output == *"an opt-in holds for one controller"* ]]
}

@test "killed at any call, the next reading gives the same contacts and one event each" {
    [ -x "$kill_at" ] || skip "no kill_at"
    printf 'id,closed,updated,brand,customer,email,may_ask,language,country,channel\n1,2026-02-01,2026-02-01,nordhaus,K1,a@b.de,yes,de,DE,chat\n2,2026-02-01,2026-02-01,nordhaus,K2,c@b.de,yes,de,DE,chat\n' > w/inbox/cases-1.csv
    cp -r w fresh
    for call in $(seq 20 3 90); do
        rm -rf w && cp -r fresh w
        "$kill_at" "$call" "$fallzahl" -C w ingest --quiet --as-of 2026-02-02 w/inbox/cases-1.csv || true
        [ ! -e w/inbox/cases-1.csv ] || "$fallzahl" -C w ingest --quiet --as-of 2026-02-02 w/inbox/cases-1.csv
        [ "$(sql 'SELECT (SELECT count(*) FROM contact), (SELECT count(*) FROM consent_event)')" = "2|2" ]
    done
}

# Only a case without consent, which brings no contact, says that K1 and a@b.de are one person's.
older() {
    ingest 2026-02-01 '9,2026-01-31,2026-01-31,nordhaus,K1,a@b.de,,de,DE,chat\n'
}

# asks ROWS DAY: opt-outs and opt-ins by identifiers, as rows of a file.
asks() {
    printf 'event,controller,kind,identifier,contact,channel,occurred_at\n%s\n' "$1" > subjects.csv
    "$fallzahl" -C w subjects --quiet --as-of "$2" subjects.csv
}

@test "P3: an opt-out by customer number reaches the address that only an older case without consent ties to it" {
    older
    asks 'i,nordhaus,opt_in,a@b.de,a@b.de,email,2026-02-02' 2026-02-02
    ingest 2026-02-03 '1,2026-02-02,2026-02-02,nordhaus,,a@b.de,,de,DE,chat\n'
    [ "$(plan 2026-02-03)" = 1 ]
    asks 'o,nordhaus,opt_out,customer=K1,,email,2026-02-03' 2026-02-03
    [ "$(sql 'SELECT count(*) FROM contact')" = 0 ]
    [ "$(sql 'SELECT count(*) FROM plan_recipient')" = 0 ]
    [ "$(plan 2026-02-04)" = 0 ]
    # whoever says yes again, after that, is asked again
    asks 'i2,nordhaus,opt_in,a@b.de,a@b.de,email,2026-02-04' 2026-02-05
    [ "$(plan 2026-02-05)" = 1 ]
}

@test "P3: an opt-out by customer number holds for an address that says yes by a flag later, once the tie is gone from the store" {
    older
    asks 'o,nordhaus,opt_out,customer=K1,,email,2026-02-02' 2026-02-02
    /usr/bin/python3 -c 'import sqlite3; db = sqlite3.connect("w/state/cases.db"); db.executescript("DELETE FROM case_cases; DELETE FROM identifier_link; DELETE FROM identifier")'
    ingest 2026-02-03 '1,2026-02-02,2026-02-02,nordhaus,,a@b.de,yes,de,DE,chat\n'
    [ "$(sql 'SELECT count(*) FROM contact')" = 0 ]
    [ "$(sql "SELECT count(*) FROM consent_event WHERE kind = 'opt_in'")" = 0 ]
    # and an opt-in that is older than the opt-out, but arrives after it
    asks 'i,nordhaus,opt_in,a@b.de,a@b.de,email,2026-02-01' 2026-02-04
    [ "$(plan 2026-02-04)" = 0 ]
}

@test "P3: a case without consent that ties an address to who opted out takes the contact away, whatever came first" {
    asks 'o,nordhaus,opt_out,customer=K1,,email,2026-02-01' 2026-02-01
    ingest 2026-02-02 '1,2026-02-01,2026-02-01,nordhaus,,a@b.de,yes,de,DE,chat\n'
    [ "$(plan 2026-02-02)" = 1 ]
    ingest 2026-02-03 '9,2026-01-31,2026-01-31,nordhaus,K1,a@b.de,,de,DE,chat\n'
    [ "$(sql 'SELECT count(*) FROM contact')" = 0 ]
    [ "$(plan 2026-02-03)" = 0 ]
}

@test "P3: an objection by customer number, withdrawn, and a new opt-in after that: asked again" {
    older
    asks 'i,nordhaus,opt_in,a@b.de,a@b.de,email,2026-02-02' 2026-02-02
    asks 'x,,objection,customer=K1,,,2026-02-03' 2026-02-03
    [ "$(sql 'SELECT count(*) FROM contact')" = 0 ]
    asks 'w,,objection_withdrawn,customer=K1,,,2026-02-04' 2026-02-04
    ingest 2026-02-06 '1,2026-02-05,2026-02-05,nordhaus,,a@b.de,yes,de,DE,chat\n'
    [ "$(plan 2026-02-06)" = 0 ]
    asks 'i2,nordhaus,opt_in,a@b.de,a@b.de,email,2026-02-06' 2026-02-07
    [ "$(plan 2026-02-07)" = 1 ]
}

@test "access: a place holder of no address is called so" {
    asks 'o,nordhaus,opt_out,customer=K1,,email,2026-02-02' 2026-02-02
    "$fallzahl" -C w person show customer=K1 --as-of 2026-02-03 > en.txt
    grep -q "no address: it stands for whichever turns out to be this person's" en.txt
    "$fallzahl" -C w person show customer=K1 --language de --as-of 2026-02-03 | grep -q 'keine Adresse: Platzhalter'
    [ "$("$fallzahl" -C w person export customer=K1 --as-of 2026-02-03 | jq -c '.data.recipients | map([.channel, .known_by, .stand_in])')" = '[["email",2,true]]' ]
    asks 'o2,nordhaus,opt_out,c@d.de,c@d.de,email,2026-02-02' 2026-02-03
    ! "$fallzahl" -C w person show c@d.de --as-of 2026-02-03 | grep -q 'no address' || false
}

@test "P3: an opt-out names whose it is for good, and no case is touched" {
    older
    asks 'o,nordhaus,opt_out,customer=K1,,email,2026-02-02' 2026-02-02
    [ "$("$fallzahl" -C w person export a@b.de --as-of 2026-02-03 | jq -r '.data.claims | .left_surveys_at + " " + (.known_kinds // "")')" = "2026-02-02T00:00:00Z email, id:customer" ]
    "$fallzahl" -C w retention --quiet --as-of 2027-03-01
    [ "$(/usr/bin/python3 -c 'import sqlite3; print(sqlite3.connect("w/state/cases.db").execute("SELECT count(*) FROM claimant WHERE left_at").fetchone()[0])')" = 1 ]
}
