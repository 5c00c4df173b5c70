# Closed cases into the store.
bats_require_minimum_version 1.5.0

setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    tests=$(realpath "$BATS_TEST_DIRNAME/..")
    folder=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d)
    cd "$folder"
    "$fallzahl" init w --test --quiet
    cat > w/fallzahl.yaml <<'YAML'
version: 1
timezone: Europe/Berlin
country: DE
sources:
  cases:
    files: "cases-*.csv"
    case_id: id
    opened_at: opened
    closed_at: closed
    updated_at: updated
    closed_when: {column: status, values: [closed]}
    max_rejects: {rows: 3, percent: 40}
    identifiers:
      customer: {column: customer, kind: id}
      email: {column: email, kind: email}
      phone: {column: phone, kind: phone}
    dimensions:
      month: {date: closed_at, as: month}
      channel: {column: channel, fold: lower}
      age: {birth_date: born, at: closed_at, bands: [18, 65]}
    measures:
      value: {column: value, unit: EUR, decimals: 2, range: [0, 1000], out_of_range: blank}
tables:
  channels: {period: month, by: [channel]}
YAML
    header=id,opened,closed,updated,status,customer,email,phone,channel,born,value,note
}

teardown() {
    rm -rf "$folder"
}

# row ID CUSTOMER EMAIL PHONE [CLOSED [UPDATED [STATUS]]]
row() {
    echo "$1,,${5:-2026-01-10},${6:-2026-01-10},${7:-closed},$2,$3,$4,Chat,1980-05-05,12.50,note $1"
}

ingest() {
    "$fallzahl" -C w ingest --quiet --as-of 2026-02-01 "$@"
}

sql() {
    /usr/bin/python3 -c 'import sqlite3, sys
for row in sqlite3.connect("w/state/cases.db").execute(sys.argv[1]): print(*row, sep="|")' "$1"
}

dump() {
    /usr/bin/python3 "$tests/store_dump.py" "${1:-w}/state/cases.db"
}

@test "a file is stored, counted and removed" {
    { echo "$header"; row 1 K1 a@b.de +4930111; row 2 K2 '' ''; } > cases-1.csv
    run -0 "$fallzahl" -C w ingest --as-of 2026-02-01 cases-1.csv
    [[ $output == "cases-1.csv: 2 rows, 2 stored, 1 columns dropped" ]]
    [ ! -e cases-1.csv ]
    [ "$(sql "SELECT count(*), sum(m_value), count(DISTINCT id >> 24) FROM case_cases")" = "2|2500|2" ]
    [ "$(sql "SELECT label FROM dimension_value ORDER BY 1" | tr '\n' ' ')" = "18–64 chat " ] || sql "SELECT label FROM dimension_value"
}

@test "--keep leaves the file; reading it twice changes nothing" {
    { echo "$header"; row 1 K1 a@b.de ''; row 2 K1 '' +4930111; row 3 '' a@b.de ''; } > cases-1.csv
    ingest --keep cases-1.csv
    dump > first
    run -0 "$fallzahl" -C w ingest --keep --as-of 2026-02-01 cases-1.csv
    [[ $output == *"read before"* ]]
    dump | diff first -
    cp cases-1.csv cases-renamed.csv
    ingest cases-renamed.csv
    [ ! -e cases-renamed.csv ]
    dump | diff first -
}

@test "json tells the counts" {
    { echo "$header"; row 1 K1 '' ''; row 2 K2 '' '' 2024-12-01; row 3 K3 '' '' 2026-01-10 2026-01-10 open; } > cases-1.csv
    run -0 --separate-stderr "$fallzahl" -C w ingest --json --as-of 2026-02-01 cases-1.csv
    [ "$(jq -r '[.already, .counts.rows, .counts.stored, .counts.open, .counts.past_term, .counts.dropped_columns] | @csv' <<< "$output")" = \
        "false,3,1,1,1,1" ]
}

@test "past its term on arrival: counted, nothing of it is stored" {
    { echo "$header"; row 1 K1 old@b.de '' 2025-02-01; row 2 K2 new@b.de '' 2025-02-02; } > cases-1.csv
    ingest cases-1.csv # on 2026-02-01
    [ "$(sql "SELECT count(*) FROM case_cases")" = 1 ]
    [ "$(sql "SELECT count(*) FROM case_key")" = 1 ]
    [ "$(sql "SELECT count(*) FROM identifier")" = 2 ]
}

@test "a rejected row goes to quarantine, place and reason to the operator" {
    { echo "$header"; row 1 K1 '' ''; row 2 K2 '' '' 31.31.2026; row 3 K3 '' ''; } > cases-1.csv
    run -0 --separate-stderr ingest cases-1.csv
    [[ $stderr == *"cases-1.csv: rejected: closed: bad_date 1 (first in line 3)"* ]] || { echo "$stderr"; false; }
    [[ $stderr != *31.31* ]]
    [ "$(ls w/quarantine | wc -l)" = 1 ]
    [ "$(sql "SELECT count(*) FROM case_cases")" = 2 ]
}

@test "too many rejected rows: nothing is stored, the file stays" {
    { echo "$header"; for i in 1 2 3 4; do row $i K$i '' '' never; done; for i in 5 6 7 8 9; do row $i K$i '' ''; done; } > cases-1.csv
    { echo "$header"; row 0 K0 '' ''; } > cases-0.csv
    ingest cases-0.csv
    dump > before
    run -65 --separate-stderr ingest cases-1.csv
    [[ $stderr == *"more than max_rejects allows"* ]]
    [ -e cases-1.csv ]
    [ -z "$(ls w/quarantine)" ]
    dump | diff before -
    { echo "$header"; row 1 K1 '' '' never; row 2 K2 '' ''; } > cases-2.csv # 1 of 2: a share of 50 %
    run -65 ingest cases-2.csv
    dump | diff before -
}

@test "a file that cannot be right is rejected whole, the others are read" {
    { echo "$header"; row 1 K1 '' ''; echo '2,"unterminated'; } > cases-1.csv
    { echo "$header"; row 3 K3 '' ''; } > cases-2.csv
    printf 'id,closed\n1,2026-01-01\n' > cases-3.csv
    : > cases-4.csv
    run -65 --separate-stderr ingest cases-1.csv cases-2.csv cases-3.csv cases-4.csv cases-5.csv
    [[ $stderr == *"4 of 5 files were rejected"* ]] || { echo "$stderr"; false; }
    [ -e cases-1.csv ] && [ ! -e cases-2.csv ] && [ -e cases-3.csv ] && [ -e cases-4.csv ]
    [ "$(sql "SELECT count(*) FROM case_cases")" = 1 ]
    [ "$(sql "SELECT count(*) FROM input_file")" = 1 ]
    run -66 ingest cases-5.csv
}

@test "which source: by name of the file or --source" {
    { echo "$header"; row 1 K1 '' ''; } > other.csv
    run -64 --separate-stderr ingest other.csv
    [[ $stderr == *"--source"* ]]
    run -64 ingest --source nonsense other.csv
    ingest --source cases other.csv
    [ "$(sql "SELECT count(*) FROM case_cases")" = 1 ]
}

@test "identity: number, e-mail and phone of one person, in whatever order the files come" {
    { echo "$header"; row 1 K1 '' ''; } > 1.csv
    { echo "$header"; row 2 '' Anna@Example.ORG ''; row 3 '' '' '030 111222'; } > 2.csv
    { echo "$header"; row 4 K1 anna@example.org ''; } > 3.csv
    { echo "$header"; row 5 '' anna@example.org '+49 30 111222'; row 6 K9 other@example.org ''; } > 4.csv
    for order in "1 2 3 4" "4 3 2 1" "3 1 4 2" "2 4 1 3"; do
        rm -f w/state/cases.db* w/state/known-cases
        for file in $order; do
            cp "$file.csv" "cases-$file.csv"
            ingest "cases-$file.csv"
        done
        [ "$(sql "SELECT count(DISTINCT id >> 24) || ' ' || count(*) FROM case_cases")" = "2 6" ]
        [ "$(sql "SELECT count(*) FROM case_cases GROUP BY id >> 24 ORDER BY 1" | tr '\n' ' ')" = "1 5 " ]
    done
}

@test "identity: a shared telephone is set aside and shown by its place" {
    { echo "$header"; for i in 1 2 3 4 5 6 7; do row $i K$i '' '+49 30 5550199'; done; } > cases-1.csv
    run -0 --separate-stderr ingest cases-1.csv
    [[ $stderr == *"cases-1.csv:2: set aside: this 'phone' would join more than 5 persons"* ]] || { echo "$stderr"; false; }
    [[ $stderr != *5550* ]]
    [ "$(sql "SELECT count(DISTINCT id >> 24) FROM case_cases")" = 7 ]
}

@test "a reopened case leaves; the newer version wins whatever arrives first" {
    { echo "$header"; row 1 K1 '' '' 2026-01-10 2026-01-20T10:00:00; row 2 K2 '' '' 2026-01-10 2026-01-20T10:00:00; } > cases-1.csv
    { echo "$header"; row 1 K1 '' '' 2026-01-12 2026-01-15T10:00:00; row 2 K2 '' '' '' 2026-01-21T10:00:00 open; } > cases-2.csv
    ingest cases-1.csv
    ingest cases-2.csv
    [ "$(sql "SELECT count(*), max(closed_day) FROM case_cases")" = "1|20463" ]
}

@test "a snapshot: what it does not hold is gone, unless it lacks too much" {
    sed -i 's/^    updated_at:.*/    delivery: snapshot\n    max_loss_percent: 25/' w/fallzahl.yaml
    { echo "$header"; for i in 1 2 3 4 5 6 7 8; do row $i K$i '' '' 2026-01-1$i; done; } > cases-1.csv
    { echo "$header"; for i in 1 3 4 5 7 8 9; do row $i K$i '' '' 2026-01-1$i; done; } > cases-2.csv
    { echo "$header"; row 1 K1 '' '' 2026-01-11; row 8 K8 '' '' 2026-01-18; } > cases-3.csv
    ingest cases-1.csv
    run -0 "$fallzahl" -C w ingest --as-of 2026-02-01 cases-2.csv
    [[ $output == *"2 vanished"* ]] || { echo "$output"; false; }
    [ "$(sql "SELECT count(*) FROM case_cases")" = 7 ]
    dump > before
    run -65 --separate-stderr ingest cases-3.csv
    [[ $stderr == *"lacks 4 of 6 cases"* ]] || { echo "$stderr"; false; }
    dump | diff before -
}

@test "a snapshot: what it does not hold stays for a hold, marked, and is no loss" {
    sed -i 's/^    updated_at:.*/    delivery: snapshot\n    max_loss_percent: 25/' w/fallzahl.yaml
    { echo "$header"; for i in 1 2 3 4; do row $i K$i '' '' 2026-01-1$i; done; } > cases-1.csv
    { echo "$header"; for i in 1 4; do row $i K$i '' '' 2026-01-1$i; done; } > cases-2.csv
    { echo event,kind,identifier,occurred_at,purpose; echo h1,hold,case:cases=2,2026-01-20,court; echo h2,hold,customer=K3,2026-01-20,court; } > subjects-1.csv
    ingest cases-1.csv
    "$fallzahl" -C w subjects --as-of 2026-02-01 subjects-1.csv > /dev/null
    run -0 "$fallzahl" -C w ingest --as-of 2026-02-01 cases-2.csv
    [[ $output == *"2 kept for a hold"* && $output != *vanished* ]] || { echo "$output"; false; }
    [ "$(sql "SELECT count(*), sum(held) FROM case_cases")" = "4|2" ]
    [ "$(sql "SELECT count(*) FROM case_key WHERE id IS NULL")" = 0 ]
}

@test "a snapshot keeps a case whose row it rejects" {
    sed -i 's/^    updated_at:.*/    delivery: snapshot\n    max_loss_percent: 0/' w/fallzahl.yaml
    { echo "$header"; row 1 K1 '' '' 2026-01-11; row 2 K2 '' '' 2026-01-12; row 3 K3 '' '' 2026-01-13; } > cases-1.csv
    { echo "$header"; row 1 K1 '' '' 2026-01-11; row 2 K2 '' '' never; row 3 K3 '' '' 2026-01-13; } > cases-2.csv
    ingest cases-1.csv
    ingest cases-2.csv
    [ "$(sql "SELECT count(*) FROM case_cases")" = 3 ]
}

@test "an input is kept, sealed, where the source asks for it" {
    sed -i 's/^    updated_at:.*/    keep_input_days: 10/' w/fallzahl.yaml
    { echo "$header"; row 1 K1 secret-canary@b.de ''; } > cases-1.csv
    ingest cases-1.csv
    [ -e w/state/inputs/2026-02-11.1.cases-1.csv.sealed ]
    [ "$(stat -c %a w/state/inputs/*.sealed)" = 600 ]
    ! grep -q secret-canary w/state/inputs/* || false
}

@test "canary: identifiers are in no byte of the workspace afterwards, in no encoding" {
    { echo "$header"
      row CASE-7731-CANARY CUST-4242-CANARY canary.person@canary-mail.example '+49 30 5550199'
      row 2 CUST-4343-CANARY second.canary@canary-mail.example ''
      row 3 '' '' ''; row 4 K4 '' '' never; } > cases-1.csv
    ingest cases-1.csv
    run -0 /usr/bin/python3 "$tests/canary.py" w CASE-7731-CANARY CUST-4242-CANARY canary.person@canary-mail.example \
        canary-mail.example +49305550199 '+49 30 5550199' CUST-4343-CANARY second.canary "note CASE-7731-CANARY" 1980-05-05
    # The search itself finds what is there.
    printf 'xxCUST-4242-CANARYyy' | base64 > w/state/leak
    run -1 /usr/bin/python3 "$tests/canary.py" w CUST-4242-CANARY
}

@test "canary: not in the write-ahead log while the file is being read either" {
    { echo "$header"; for i in $(seq 1 200); do row $i CUST-$i-CANARY "canary$i@canary-mail.example" ''; done; } > cases-1.csv
    kill_at=$(dirname "$fallzahl")/fault/kill_at
    for calls in 20 30 40 50 60; do
        status=0
        "$kill_at" "$calls" "$fallzahl" -C w ingest --quiet --keep --as-of 2026-02-01 cases-1.csv || status=$?
        run -0 /usr/bin/python3 "$tests/canary.py" w CUST-7-CANARY canary77@canary-mail.example canary-mail.example
        [ "$status" -eq 99 ] || break
    done
}

@test "another key is refused" {
    { echo "$header"; row 1 K1 '' ''; } > cases-1.csv
    ingest --keep cases-1.csv
    printf '%064d\n' 7 > w/keys/analytics.1
    run -77 --separate-stderr ingest cases-1.csv
    [[ $stderr == *"analytics.1"* ]]
    rm w/keys/analytics.1
    run -77 ingest cases-1.csv
}

@test "the inbox: complete files only, by name, rejected ones stay" {
    { echo "$header"; row 1 K1 '' '' 2026-01-10 2026-01-11; } > w/inbox/cases-2026-01.csv
    { echo "$header"; row 1 K1 '' '' 2026-01-12 2026-01-11; } > w/inbox/cases-2026-02.csv
    { echo "$header"; row 9 K1 '' ''; } > w/inbox/cases-2026-03.csv
    echo broken > w/inbox/cases-2026-04.csv
    echo x > w/inbox/unknown.csv
    touch w/inbox/cases-2026-01.csv.ok w/inbox/cases-2026-02.csv.ok w/inbox/cases-2026-04.csv.ok w/inbox/unknown.csv.ok
    run -65 "$fallzahl" -C w run --quiet --as-of 2026-02-01
    [ "$(ls w/inbox | tr '\n' ' ')" = "cases-2026-03.csv cases-2026-04.csv cases-2026-04.csv.ok unknown.csv unknown.csv.ok " ] || { ls w/inbox; false; }
    [ "$(sql "SELECT closed_day FROM case_cases")" = 20465 ] # of equal versions the later file
}

@test "what lies unread in the inbox is told by the night and by status, with its age; nothing deletes it" {
    "$fallzahl" init u --test --quiet
    cp w/fallzahl.yaml u/ 2>/dev/null || cp "$folder"/*/fallzahl.yaml u/
    echo x > u/inbox/export.old
    touch -d 2026-01-01T00:00:00Z u/inbox/export.old
    run "$fallzahl" -C u run --as-of 2026-02-10T00:00:00Z
    [[ "$output" = *"files of the inbox that no source reads (see \`files\`): 1; the oldest lies there for 40 days"* ]]
    [ -e u/inbox/export.old ]
    "$fallzahl" -C u status --as-of 2026-02-10T00:00:00Z | grep -qx '  export.old: for 40 days; no source reads it'
    [ "$("$fallzahl" -C u status --json --as-of 2026-02-10T00:00:00Z | jq -c .inbox_unread)" = '[{"file":"export.old","days":40,"state":"no source reads it"}]' ]
}
