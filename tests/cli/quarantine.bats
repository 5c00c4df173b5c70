# Rows that cannot be right: refused with a reason, kept encrypted, shown to the operator, and gone in time.
bats_require_minimum_version 1.5.0

setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    folder=$(mktemp -d)
    cd "$folder"
    mkdir w
    cat > w/fallzahl.yaml <<'YAML'
version: 1
timezone: Europe/Berlin
sources:
  cases:
    files: "cases*.csv"
    case_id: id
    opened_at: opened
    closed_at: closed
    max_rejects: {percent: 60}
    identifiers:
      customer: {column: customer, kind: id}
    dimensions:
      month: {date: closed_at, as: month}
      channel: {column: channel}
    measures:
      rating: {column: rating, score: [1, 5]}
tables:
  channels: {period: month, by: [channel], measures: {rating: [mean]}}
YAML
    "$fallzahl" init --test --quiet w
    cat > cases.csv <<'CSV'
id,opened,closed,customer,channel,rating,note
1,2026-01-01,2026-01-02,c1,phone,5,all is well
2,2026-01-03,2026-01-02,CANARY-customer,phone,5,CANARY note
3,2026-01-01,2026-01-02,c3,chat,9,"CANARY, quoted
over two lines"
4,2026-01-01,2026-01-02,c4,chat
5,2026-01-01,2026-01-02,c5,chat,4,
CSV
}
teardown() {
    rm -rf "$folder"
}
ingest() {
    run --separate-stderr "$fallzahl" -C w ingest --as-of 2026-01-10 "$@"
}

@test "bad rows go to quarantine, with place and reason in clear and nothing else" {
    ingest cases.csv
    [ "$status" -eq 0 ]
    ! grep -r CANARY w || false
    ! printf '%s' "$output$stderr" | grep CANARY || false
    run --separate-stderr "$fallzahl" -C w quarantine list
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "file,source,rows,expires" ]
    [[ "${lines[1]}" =~ ^cases.csv-[0-9a-f]{8}\.jsonl,cases,3,2026-02-09$ ]]
    [ "$(stat -c %a w/quarantine/*.jsonl)" = 600 ]
    grep -q '"line":3,"offset":93,"column":"opened","code":"opened_after_closed","rule":"rules.opened_after_closed"' w/quarantine/*.jsonl
    grep -q '"line":4,.*"column":"rating","code":"out_of_range","rule":"measures.rating.out_of_range"' w/quarantine/*.jsonl
    grep -q '"line":6,.*"column":"","code":"missing_cells","rule":"header"' w/quarantine/*.jsonl
}

@test "the operator sees what stood there" {
    ingest cases.csv
    run --separate-stderr "$fallzahl" -C w quarantine show "$(basename w/quarantine/*.jsonl)"
    [ "$status" -eq 0 ]
    cat > expected <<'CSV'
line,offset,column,code,rule,id,opened,closed,customer,channel,rating,note
3,93,opened,opened_after_closed,rules.opened_after_closed,2,2026-01-03,2026-01-02,CANARY-customer,phone,5,CANARY note
4,153,rating,out_of_range,measures.rating.out_of_range,3,2026-01-01,2026-01-02,c3,chat,9,"CANARY, quoted
over two lines"
6,219,,missing_cells,header,4,2026-01-01,2026-01-02,c4,chat,,
CSV
    diff expected <(printf '%s\n' "$output")
    run --separate-stderr "$fallzahl" -C w quarantine show --json w/quarantine/*.jsonl
    [ "$(jq -c '[.header[0], (.rows[] | .cells | length)]' <<< "$output")" = '["id",7,7,5]' ]
}

@test "another workspace's keys do not open it" {
    ingest cases.csv
    rm w/keys/quarantine.1
    run --separate-stderr "$fallzahl" -C w quarantine show "$(basename w/quarantine/*.jsonl)"
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"the key that"*"is gone"* ]]
    run --separate-stderr "$fallzahl" -C w quarantine list
    [ "$status" -eq 0 ]
}

@test "more than max_rejects: the whole file is rolled back and stays, the reasons are told" {
    sed -i 's/percent: 60/percent: 50/' w/fallzahl.yaml
    ingest cases.csv
    [ "$status" -eq 65 ]
    [ -e cases.csv ]
    [ -z "$(ls w/quarantine)" ]
    [[ "$stderr" == *"3 of 5 rows"* ]]
    [[ "$stderr" == *"rating: out_of_range 1 (first in line 4)"* ]]
}

@test "P8: who looked at the rows stands in the evidence, not what was seen" {
    ingest cases.csv
    "$fallzahl" -C w quarantine show "$(basename w/quarantine/*.jsonl)" --as-of 2026-01-11 >/dev/null
    tail -n 1 w/state/evidence.log | cut -d' ' -f2- | jq -e ".act == \"quarantine show\" and .who == \"$(id -un)\" and .exit_status == 0"
    ! grep -q CANARY w/state/evidence.log || false
}

@test "list and show want a workspace, a verb and a file" {
    run "$fallzahl" -C nowhere quarantine list
    [ "$status" -eq 66 ]
    run "$fallzahl" -C w quarantine look
    [ "$status" -eq 64 ]
    run "$fallzahl" -C w quarantine show
    [ "$status" -eq 64 ]
    run "$fallzahl" -C w quarantine show no.jsonl
    [ "$status" -eq 66 ]
}

@test "P5: a quarantine file that was emptied goes all the same; access and check say on which day" {
    ingest cases.csv
    : > w/quarantine/*.jsonl
    touch -d 2026-01-12T12:00Z w/quarantine/*.jsonl
    run "$fallzahl" -C w check
    [ "$status" -eq 77 ]
    [[ $output == *"is damaged; it is deleted on 2026-02-11"* ]]
    "$fallzahl" -C w person show customer=c4 --as-of 2026-01-13 | grep -q 2026-02-11
    run "$fallzahl" -C w retention --as-of 2026-02-10
    [ "$status" -eq 65 ]
    run -0 "$fallzahl" -C w retention --dry-run --as-of 2026-02-11
    [[ $output == *"would be deleted: 1 files in quarantine"* ]]
    [ "$(ls w/quarantine | wc -l)" = 1 ]
    run -0 "$fallzahl" -C w retention --as-of 2026-02-11
    [ -z "$(ls w/quarantine)" ]
    "$fallzahl" -C w check
}
