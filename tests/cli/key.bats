# Keys: made once, never silently replaced, rotated without counting anybody twice, destroyed when nothing rests on them.
setup() {
    . "$BATS_TEST_DIRNAME/cases_workspace.bash"
    make_cases_workspace 'identifiers: {customer: {column: customer, kind: id}, mail: {column: mail, kind: email}}' "$by_month"
    kill_at=$(dirname "$fallzahl")/fault/kill_at
}

teardown() {
    rm -rf "$folder"
}

# night DAY CUSTOMER...: a case of each, closed the day before.
night() {
    day=$1
    shift
    { echo 'id,closed,customer,mail'
      for customer; do echo "$day-$customer,$day,$customer,$customer@mail.example"; done; } > "w/inbox/cases-$day.csv"
    : > "w/inbox/cases-$day.csv.ok"
    "$fallzahl" -C w run --quiet --as-of "${day}T23:00:00Z"
}

sql() {
    /usr/bin/python3 -c 'import sqlite3, sys; print(*[c for r in sqlite3.connect("w/state/cases.db").execute(sys.argv[1]) for c in r])' "$1"
}

# in_any_file HEX: whether a file of the workspace holds these bytes, or their hex digits in either case.
in_any_file() {
    /usr/bin/python3 - "$1" <<'PY'
import os, sys
digits = sys.argv[1].strip()
needles = [bytes.fromhex(digits), digits.lower().encode(), digits.upper().encode()]
files = [os.path.join(d, f) for d, _, fs in os.walk("w") for f in fs]
sys.exit(0 if any(n in open(f, "rb").read() for f in files for n in needles) else 1)
PY
}

@test "status lists every key with epoch, fingerprint and rows" {
    night 2026-02-03 K1 K2
    run "$fallzahl" -C w key status
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 6 ]
    [[ ${lines[0]} == "analytics.1  file  "*"  4 rows" ]]
    [ "$("$fallzahl" -C w key status --json | jq -r '.[0].fingerprint')" = "$(sql "SELECT lower(hex(fingerprint)) FROM store_key WHERE purpose = 'analytics'")" ]
    key=$(cat w/keys/analytics.1)
    [[ $output != *"$key"* ]]
}

@test "the fingerprint is BLAKE2b-128 keyed with the key, as another program computes it" {
    expected=$(/usr/bin/python3 -c 'import hashlib; print(hashlib.blake2b(b"fingerprint\0", key=bytes.fromhex(open("w/keys/objection.1").read()), digest_size=16).hexdigest())')
    [ "$("$fallzahl" -C w key status --json | jq -r '.[] | select(.purpose == "objection") | .fingerprint')" = "$expected" ]
}

@test "a rotation rolls: who is seen again goes over, nobody is counted twice, and the old key is destroyed when it is empty" {
    night 2026-02-03 K1 K2 K3
    old=$(cat w/keys/analytics.1)
    old_pseudonyms=$(sql "SELECT hex(pseudonym) FROM identifier")
    "$fallzahl" -C w key rotate --as-of 2026-02-04
    [ -f w/keys/analytics.2 ]
    night 2026-02-05 K1 K2
    [ "$(sql "SELECT count(DISTINCT person), count(*) FROM identifier")" = "3 6" ]
    [ "$(sql "SELECT epoch, count(*) FROM identifier GROUP BY epoch")" = "1 2 2 4" ]
    [ -f w/keys/analytics.1 ]
    night 2026-02-06 K3
    [ "$(sql "SELECT count(DISTINCT person), count(*) FROM identifier")" = "3 6" ]
    [ ! -e w/keys/analytics.1 ]
    [ "$(sql "SELECT epoch FROM store_key WHERE purpose = 'analytics'")" = 2 ]
    run in_any_file "$old"
    [ "$status" -eq 1 ]
    for pseudonym in $old_pseudonyms; do
        run in_any_file "$pseudonym"
        [ "$status" -eq 1 ]
    done
    in_any_file "$(cat w/keys/analytics.2)"
    in_any_file "$(sql "SELECT hex(pseudonym) FROM identifier LIMIT 1")"
    night 2026-02-07 K1
    [ "$(sql "SELECT count(DISTINCT person) FROM identifier")" = 3 ]
}

@test "killed while it destroys a key, the next night completes it" {
    [ -x "$kill_at" ] || skip "no kill_at"
    night 2026-02-03 K1
    "$fallzahl" -C w key rotate --as-of 2026-02-04
    cp -r w fresh
    for call in 60 80 90 100 105 110 115 120 125 130 140; do
        rm -rf w && cp -r fresh w
        printf 'id,closed,customer,mail\nX,2026-02-05,K1,K1@mail.example\n' > w/inbox/cases-x.csv
        : > w/inbox/cases-x.csv.ok
        "$kill_at" $call "$fallzahl" -C w run --quiet --as-of 2026-02-05 || true
        "$fallzahl" -C w run --quiet --as-of 2026-02-05
        [ "$(ls -A w/keys | grep -c -e analytics -e gone)" -eq 1 ]
        [ "$(sql "SELECT count(DISTINCT person), count(*) FROM identifier WHERE epoch = 2")" = "1 2" ]
    done
}

@test "a lost key is told with what it means, and nothing replaces it" {
    night 2026-02-03 K1
    mv w/keys/analytics.1 safe
    run "$fallzahl" -C w key status
    [ "$status" -eq 77 ]
    [[ $output == *"analytics.1  lost  no stored person is recognised"* ]]
    run "$fallzahl" -C w key init --as-of 2026-02-04
    [ "$status" -eq 77 ]
    run "$fallzahl" -C w key rotate --as-of 2026-02-04
    [ "$status" -eq 77 ]
    run "$fallzahl" -C w run --as-of 2026-02-04
    [ "$status" -eq 77 ]
    [ -z "$(ls w/keys | grep analytics)" ]
    mv safe w/keys/analytics.1
    "$fallzahl" -C w key status
}

@test "an epoch that was lost while another is there is told, too" {
    night 2026-02-03 K1
    "$fallzahl" -C w key rotate --as-of 2026-02-04
    rm w/keys/analytics.1
    run "$fallzahl" -C w key status
    [ "$status" -eq 77 ]
    [[ $output == *"analytics.1  lost  "* ]]
}

@test "another key under the lost one's name is refused" {
    night 2026-02-03 K1
    /usr/bin/python3 -c 'import secrets; print(secrets.token_hex(32))' > w/keys/analytics.1
    run "$fallzahl" -C w run --as-of 2026-02-04
    [ "$status" -eq 77 ]
    [[ $output == *"is not the one with which the store was made"* ]]
    run "$fallzahl" -C w key status
    [ "$status" -eq 77 ]
    [[ $output == *"analytics.1  another key  no stored person is recognised"* ]]
}

@test "key init makes what is missing while nothing is stored" {
    rm w/keys/token.1
    "$fallzahl" -C w key init
    [ "$(stat -c %a w/keys/token.1)" = 600 ]
}

@test "keys as systemd credentials" {
    night 2026-02-03 K1
    mkdir -m 0700 credentials
    mv w/keys/analytics.1 credentials/fallzahl-analytics.1
    chmod 0400 credentials/fallzahl-analytics.1
    echo other > credentials/database-password
    export CREDENTIALS_DIRECTORY=$PWD/credentials
    night 2026-02-04 K1
    [ "$("$fallzahl" -C w key status --json | jq -r '.[0].place')" = credential ]
    chmod 0444 credentials/fallzahl-analytics.1
    run "$fallzahl" -C w key status
    [ "$status" -eq 77 ]
    chmod 0400 credentials/fallzahl-analytics.1
    cp credentials/fallzahl-analytics.1 w/keys/analytics.1
    chmod 0600 w/keys/analytics.1
    run "$fallzahl" -C w key status
    [ "$status" -eq 65 ]
    [[ $output == *"is both a file and a credential"* ]]
}

@test "a credential that is out of use is left to the operator and told" {
    night 2026-02-03 K1
    mkdir -m 0700 credentials
    mv w/keys/analytics.1 credentials/fallzahl-analytics.1
    chmod 0400 credentials/fallzahl-analytics.1
    export CREDENTIALS_DIRECTORY=$PWD/credentials
    "$fallzahl" -C w key rotate --as-of 2026-02-04
    "$fallzahl" -C w check # something rests on it
    night 2026-02-05 K1 2>messages
    [ -f credentials/fallzahl-analytics.1 ]
    told='the credential fallzahl-analytics.1 is out of use; take it out of the unit'
    grep -q "$told" w/state/runs/2026-02-05T23:00:00Z-1.json
    grep -q "$told" messages
    "$fallzahl" -C w key status | grep -q '^analytics.1 .*  0 rows  out of use: take it out of the unit$'
    run "$fallzahl" -C w check
    [ "$status" -eq 77 ]
    [[ $output == *"$told"* ]]
    unset CREDENTIALS_DIRECTORY
    night 2026-02-06 K1
    [ "$(sql "SELECT count(DISTINCT person) FROM identifier")" = 1 ]
}

# rows DAY ID,CUSTOMER,MAIL...: a night that reads them, closed that day.
rows() {
    day=$1
    shift
    { echo 'id,customer,mail,closed'
      for row; do echo "$row,$day"; done; } > "w/inbox/cases-$day.csv"
    : > "w/inbox/cases-$day.csv.ok"
    "$fallzahl" -C w run --quiet --as-of "${day}T23:00:00Z"
}

@test "a rotation ends after a year: what no stored case carries goes with the old key, but for what is held" {
    rows 2026-01-05 1,K1,a@mail.example 2,K2,b@mail.example 3,K3,c@mail.example 4,K4,d@mail.example 7,K5,e@mail.example 8,K8,h@mail.example
    printf 'event,kind,identifier,purpose,occurred_at\nh1,hold,b@mail.example,court,2026-01-06\nh3,hold,h@mail.example,court,2026-01-06\nh2,hold,case:cases=3,court,2026-01-06\n' > w/inbox/subjects-1.csv
    : > w/inbox/subjects-1.csv.ok
    rows 2026-01-08 7,K5,new@mail.example 8,K8,other@mail.example
    "$fallzahl" -C w key rotate --as-of 2026-01-11
    "$fallzahl" -C w run --quiet --as-of 2026-01-12
    rows 2026-12-20 5,K1, 6,K2, 9,K8,
    old=$(sql "SELECT hex(pseudonym) FROM identifier WHERE person = (SELECT id >> 24 FROM case_cases WHERE closed_day = 20807 ORDER BY id LIMIT 1) AND epoch = 1")
    [ "$(sql "SELECT count(*) FROM identifier WHERE epoch = 1")" = 11 ]
    "$fallzahl" -C w run --quiet --as-of 2027-01-20
    [ "$(sql "SELECT count(*) FROM identifier WHERE epoch = 1")" = 5 ] # b, K3, c, other: of held cases; h: a hold names it; the others left with their case
    run in_any_file "$old"
    [ "$status" -eq 1 ]
    "$fallzahl" -C w run --quiet --as-of 2027-12-30 # those of K2 and K8 are covered by the holds by an address
    [ "$(sql "SELECT count(*) FROM case_cases")" = 5 ]
    printf 'event,kind,identifier,purpose,occurred_at\nr1,hold_release,b@mail.example,court,2027-12-31\nr3,hold_release,h@mail.example,court,2027-12-31\nr2,hold_release,case:cases=3,court,2027-12-31\n' > w/inbox/subjects-2.csv
    : > w/inbox/subjects-2.csv.ok
    "$fallzahl" -C w run --quiet --as-of 2028-01-01
    [ ! -e w/keys/analytics.1 ]
}
