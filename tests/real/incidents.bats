# Closed incidents of a service desk (UCI 498): the counts that data/README.md states, from one command.
bats_require_minimum_version 1.5.0

setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    file=$(realpath -q "${FALLZAHL_SHARED:-../shared}/data/cases/incidents_closed.csv.xz") || file=
    [ -e "$file" ] || skip "no shared data"
    folder=$(mktemp -d)
    cp examples/incidents/* "$folder"
    cd "$folder"
    "$fallzahl" init . --test --quiet
}

teardown() {
    [ -z "${folder:-}" ] || rm -rf "$folder"
}

# query SQL: a line per row, fields with blanks between, from the store.
query() {
    /usr/bin/python3 -c 'import sqlite3, sys
for row in sqlite3.connect("file:state/cases.db?mode=ro", uri=True).execute(sys.argv[1]): print(*row)' "$1"
}

@test "incidents: 24,918 cases by contact, priority, month and place" {
    run "$fallzahl" ingest --keep --as-of 2017-02-20 "$file"
    [ "$status" -eq 0 ]
    [[ "$output" == *"24918 rows, 24918 stored, "*"columns dropped"* ]]
    [ "$(query "SELECT label, count(*) FROM case_incidents JOIN dimension_value ON code = d_contact GROUP BY 1 ORDER BY 2 DESC")" = "Phone 24688
Self service 158
Email 59
IVR 9
Direct opening 4" ]
    [ "$(query "SELECT substr(label, 1, 1), count(*) FROM case_incidents JOIN dimension_value ON code = d_priority GROUP BY 1 ORDER BY 2 DESC")" = "3 23466
4 774
2 408
1 270" ]
    [ "$(query "SELECT count(*) FROM case_incidents GROUP BY strftime('%Y-%m', closed_day * 86400, 'unixepoch') ORDER BY min(closed_day)" | xargs)" = \
        "1 5848 8326 8425 1598 205 71 60 69 63 63 78 111" ]
    [ "$(query "SELECT count(*) FROM (SELECT DISTINCT d_location, d_category FROM case_incidents)")" = 1659 ]
    [ "$(query "SELECT count(*), sum(n) FROM (SELECT count(*) AS n FROM case_incidents GROUP BY d_location, d_category) WHERE n < 5")" = "1178 1986" ]
    [ "$(query "SELECT sum(n) FROM (SELECT count(*) AS n FROM case_incidents GROUP BY d_location, d_category) WHERE n < 10")" = 3343 ]
    # 5,245 callers counting `?`, which is no caller
    [ "$(query "SELECT count(DISTINCT id >> 24) FROM case_incidents WHERE id > 0")" = 5244 ]
}

@test "incidents: published totals are those months that are over" {
    "$fallzahl" ingest --keep --quiet --as-of 2017-02-20 "$file"
    "$fallzahl" publish --quiet --as-of 2017-02-20
    [ "$(grep '^2016-0[3-7],(total),(total),' published/latest/tables/contacts.csv | cut -d, -f1,4 | xargs)" = \
        "2016-03,5848 2016-04,8326 2016-05,8425 2016-06,1598 2016-07,205" ]
    ! grep -q '^2016-02' published/latest/tables/contacts.csv || false
    ! grep -q '^2017-02' published/latest/tables/contacts.csv || false
    # reading the file again changes nothing
    run "$fallzahl" ingest --keep --as-of 2017-02-21 "$file"
    [[ "$output" == *"was read before, nothing changed"* ]]
}
