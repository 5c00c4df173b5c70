# Input that cannot be right, as the night meets it in the inbox: the exit status says so, the message names file and place
# and no cell's content, nothing of the file is stored, the file stays. Every bad text here holds the word CANARY.
bats_require_minimum_version 1.5.0

header=case_id,opened_at,closed_at,customer_id,email,phone,channel,category,satisfaction

setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    folder=$(mktemp -d)
    cd "$folder"
    "$fallzahl" init w --test --quiet
}

teardown() {
    rm -rf "$folder"
}

rows() {
    for ((i = 1; i <= 20; i++)); do echo "C$i,2026-01-01,2026-01-05,K$i,m$i@ex.example,,chat,delivery,3"; done
}

night() {
    run --separate-stderr "$fallzahl" -C w run --as-of 2026-02-10 "$@"
}

# The night with stdin as the only file.
night_with() {
    cat > w/inbox/cases.csv
    : > w/inbox/cases.csv.ok
    night
}

stored() {
    "$fallzahl" -C w status --json | jq .stored_cases.cases
}

# rejected TEXT: refused whole, TEXT told on stderr, nothing half-stored or published, no content in a message or record.
rejected() {
    [ "$status" -eq 65 ] || { echo "status $status"; false; }
    [[ "$stderr" == *"$1"* ]] || { echo "$stderr"; false; }
    [[ "$stderr" == *"cases.csv"* ]]
    ! grep CANARY <<< "$output$stderr" || false
    ! grep -r CANARY w/state w/quarantine w/published || false
    [ "$(stored)" -eq 0 ]
    [ -z "$(find w/quarantine w/published -mindepth 1)" ]
    [ -e w/inbox/cases.csv ] && [ -e w/inbox/cases.csv.ok ]
}

accepted() {
    [ "$status" -eq 0 ] || { echo "$stderr"; false; }
    [ "$(stored)" -eq "$1" ]
    [ -z "$(ls w/inbox)" ]
}

@test "P4: a file whose name is no UTF-8 stops neither objections nor the rest of the night" {
    printf 'version: 1\ntimezone: UTC\nsources:\n  cases:\n    files: "cases-*.csv"\n    case_id: id\n    closed_at: closed\n    identifiers: {customer: {column: customer, kind: id}}\n    dimensions: {month: {date: closed_at, as: month}}\n' > "w/fallzahl.yaml"
    bad=$(printf '\344')
    for name in "cases-$bad.csv" "subjects-$bad.csv"; do
        echo nonsense > "w/inbox/$name"
        : > "w/inbox/$name.ok"
    done
    printf 'event,kind,identifier,occurred_at\no1,objection,customer=K1,2026-02-01\n' > "w/inbox/subjects-good.csv"
    printf 'id,closed,customer\n1,2026-01-01,K1\n2,2026-01-01,K2\n' > "w/inbox/cases-good.csv"
    : > "w/inbox/subjects-good.csv.ok"
    : > "w/inbox/cases-good.csv.ok"
    run "$fallzahl" -C w run --quiet --as-of 2026-02-02
    [ "$status" -eq 65 ]
    [ "$(sqlite3 "w/state/cases.db" 'SELECT count(*) FROM case_cases')" = 1 ]
    for name in "cases-$bad.csv" "subjects-$bad.csv"; do
        run "$fallzahl" -C w ingest --source cases --json --as-of 2026-02-03 "w/inbox/$name"
        [ "$status" -eq 65 ]
    done
}

@test "an empty file" {
    night_with < /dev/null
    rejected "cases.csv:1: the file is empty"
}

@test "a header and nothing else is a file of no cases" {
    night_with <<< $header
    accepted 0
}

@test "a header with a name twice" {
    { echo "$header,CANARY,CANARY"; rows | sed 's/$/,a,b/'; } | sed '1s/CANARY,CANARY/channel,channel/' > file
    night_with < file
    rejected "cases.csv:1: columns 7 and 10 of the header have the same name"
}

@test "a column that the configuration names is missing" {
    { echo "${header/channel/CANARY}"; rows; } > file
    night_with < file
    rejected "needs: 'channel'"
    { echo "${header/channel/Channel}"; rows; } > file
    night_with < file
    rejected "needs: 'channel' (it is there in another case)"
}

@test "another delimiter" {
    { echo $header; rows; } | tr , ';' > file
    night_with < file
    rejected "perhaps its delimiter is ';'"
    { echo $header; rows; } | tr , '\t' > file
    night_with < file
    rejected "perhaps its delimiter is a tab"
}

@test "a row with more cells than the header: the row alone is refused" {
    { echo $header; rows; echo 'C99,2026-01-01,2026-01-05,K99,,,chat,delivery,3,CANARY,x'; } > file
    night_with < file
    accepted 20
    [[ "$stderr" == *"extra_cells 1 (first in line 22)"* ]]
    ! grep -r CANARY w || false
}

@test "a last line that is cut off" {
    { echo $header; rows; printf 'C99,2026-01-01,2026-01-05,K99,,,CANARY'; } > file
    night_with < file
    rejected "cases.csv:22: the last record is cut off"
}

@test "a quote that is never closed" {
    { echo $header; rows; echo 'C99,2026-01-01,2026-01-05,K99,"CANARY,,chat,delivery,3'; rows; } > file
    night_with < file
    rejected "cases.csv:22: a quote that is never closed"
}

@test "a field of 50 MB" {
    { echo $header; rows; printf 'C99,2026-01-01,2026-01-05,K99,,,"CANARY'; head -c 52428800 /dev/zero | tr '\0' x; echo '",a,3'; } > file
    night_with < file
    rejected "cases.csv:22: a field has more than 1048576 bytes"
}

@test "a NUL byte" {
    { echo $header; rows; printf 'C99,2026-01-01,2026-01-05,K99,,,ch\0CANARY,delivery,3\n'; } > file
    night_with < file
    rejected "cases.csv:22: a NUL byte"
}

@test "a CR without LF, in a row and as the end of all lines" {
    { echo $header; rows; printf 'C99,2026-01-01,2026-01-05,K99,,,chat\rCANARY,delivery,3\n'; } > file
    night_with < file
    rejected "cases.csv:22: a CR without LF"
    { echo $header; rows; } | tr '\n' '\r' > file
    night_with < file
    rejected "cases.csv:1: a CR without LF"
}

@test "another encoding than UTF-8" {
    { echo $header; rows; printf 'C99,2026-01-01,2026-01-05,K99,,,CANARY\xe4,delivery,3\n'; } > file
    night_with < file
    rejected "cases.csv:22: bytes that are not UTF-8"
    { echo $header; rows; } | iconv -t UTF-16 > file
    night_with < file
    rejected "cases.csv:1: a UTF-16 byte order mark"
}

@test "what is no CSV at all" {
    head -c 100000 "$fallzahl" > file
    night_with < file
    rejected "cases.csv:1: "
}

@test "a byte order mark, CR LF, blank lines and .xz are no faults" {
    { printf '\xef\xbb\xbf'; echo $header; rows; echo; echo; } | sed 's/$/\r/' > file
    night_with < file
    accepted 20
    xz -c file > w/inbox/cases-packed.csv
    : > w/inbox/cases-packed.csv.ok
    night
    accepted 20
}

@test "a second night while the first one holds the lock" {
    { echo $header; rows; } > w/inbox/cases.csv
    : > w/inbox/cases.csv.ok
    run --separate-stderr flock w/state/run.lock "$fallzahl" -C w run --as-of 2026-02-10
    [ "$status" -eq 75 ]
    [ -e w/inbox/cases.csv ]
    [ ! -e w/state/cases.db ]
}

@test "a clock that is behind the last run" {
    night
    { echo $header; rows; } > w/inbox/cases.csv
    : > w/inbox/cases.csv.ok
    run --separate-stderr "$fallzahl" -C w run --as-of 2026-02-09
    [ "$status" -eq 64 ]
    [[ "$stderr" == *"before the last run"* ]]
    [ -e w/inbox/cases.csv ]
    [ "$(stored)" -eq 0 ]
}

@test "a marker does not outlive its file: the next file of that name is not taken for complete" {
    { echo $header; rows; } > file
    cp file w/inbox/cases.csv
    : > w/inbox/cases.csv.ok
    "$fallzahl" -C w ingest --quiet --as-of 2026-02-10 w/inbox/cases.csv
    [ -z "$(ls w/inbox)" ]
    : > w/inbox/cases.csv.ok # as a run leaves it that is killed after the file is gone
    : > w/inbox/unknown.ok
    night
    [ "$(ls w/inbox)" = unknown.ok ]
    head -n 5 file > w/inbox/cases.csv # still being copied
    night
    [ "$status" -eq 0 ]
    [ -e w/inbox/cases.csv ]
}

@test "a night with nothing due says so" {
    night
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"nothing is due"* ]]
    night --quiet
    [ -z "$output$stderr" ]
}

@test "a file without its marker and one that no source reads are left, and told" {
    { echo $header; rows; } > w/inbox/cases.csv
    cp w/inbox/cases.csv w/inbox/export.csv
    : > w/inbox/export.csv.ok
    night
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"not complete yet"*": 1"* ]]
    [[ "$stderr" == *"no source reads"*": 1"* ]]
    [ "$(ls w/inbox | tr '\n' ' ')" = "cases.csv export.csv export.csv.ok " ]
    [ ! -e w/published/latest ]
}

@test "what is no file but lies in the inbox under a source's name is refused, not passed over in silence" {
    { echo $header; rows; } > w/inbox/cases.csv
    : > w/inbox/cases.csv.ok
    ln -s "$PWD/w/fallzahl.yaml" w/inbox/cases-l.csv
    mkfifo w/inbox/cases-f.csv
    mkdir w/inbox/cases-d.csv w/inbox/elsewhere
    night
    [ "$status" -eq 65 ]
    for file in cases-l cases-f cases-d; do
        [[ "$stderr" == *"'w/inbox/$file.csv' is not a regular file; nothing of it is read"* ]] || { echo "$stderr"; false; }
    done
    [[ "$stderr" == *"3 files of the inbox were rejected"* ]]
    [ "$(stored)" -eq 20 ]
    [ ! -e w/inbox/cases.csv ] && [ -L w/inbox/cases-l.csv ] && [ -e w/fallzahl.yaml ]
}

@test "a pipe is no input; a link is one only if its file may stay" {
    { echo $header; rows; } > file
    ln -s file link
    mkfifo pipe
    run --separate-stderr timeout 20 "$fallzahl" -C w ingest --source cases --as-of 2026-02-10 pipe
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"not a regular file"* ]]
    run --separate-stderr "$fallzahl" -C w ingest --source cases --as-of 2026-02-10 link
    [ "$status" -eq 65 ]
    [[ "$stderr" == *"is a link"* ]]
    "$fallzahl" -C w ingest --quiet --keep --source cases --as-of 2026-02-10 link
    [ "$(stored)" -eq 20 ]
    [ -e file ]
}
