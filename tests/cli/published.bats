# What one night leaves, seen from outside: the bytes, the labels, the modes.
bats_require_minimum_version 1.5.0

setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    folder=$(mktemp -d)
    cd "$folder"
    # 40 cases per channel, 5 for each of four labels that hardly anybody had, and a row that cannot be right.
    awk 'BEGIN {
        print "case_id,opened_at,closed_at,customer_id,email,phone,channel,category,satisfaction"
        split("chat|=HYPERLINK(1)|+49|@home|-x", channel, "|")
        for (i = 0; i < 220; i++)
            printf "%d,2026-01-%02d,2026-01-%02d,K%d,,,%s,order,%d\n", i, i % 28 + 1, i % 28 + 1, i,
                   i < 200 ? channel[i % 5 + 1] : "seldom" i % 4, i % 5 + 1
        print "bad,never,never,K1,,,chat,order,3" }' > export.csv
}

teardown() {
    rm -rf "$folder"
}

workspace() {
    "$fallzahl" init "$1" --test --quiet
    cp export.csv "$1/inbox/cases.csv"
    : > "$1/inbox/cases.csv.ok"
}

night() {
    "$fallzahl" -C "$1" run --quiet --as-of 2026-02-03T02:00:00Z 2> /dev/null
}

@test "same inputs and instant, same bytes: with the same keys, with others, and whatever the environment" {
    workspace a
    cp -r a b
    workspace c
    night a
    night b
    TZ=Asia/Tokyo LC_ALL=C.UTF-8 night c
    [ -e a/published/latest/manifest.json ]
    diff -r a/published b/published
    diff -r a/published c/published
}

@test "text that a spreadsheet would run is defused; what fewer than k persons had is (other)" {
    workspace w
    night w
    cut -d, -f1-3 w/published/latest/tables/channels.csv | sort > shown
    printf '%s\n' month,channel,cases "2026-01,(total),220" "2026-01,(other),20" "2026-01,chat,40" "2026-01,'=hyperlink(1),40" \
        "2026-01,'+49,40" "2026-01,'@home,40" "2026-01,'-x,40" | sort | diff - shown
    ! grep -r seldom w/published || false
    ! grep -rE '(^|[,"])[=+@-][a-z0-9]' w/published/latest/tables || false
}

# The modes of everything that a night makes do not depend on the umask: only what analysts and requesters need is open.
@test "modes after a night under umask 0000 and 0077" {
    for mask in 0000 0077; do
        (umask $mask && workspace "w$mask" && night "w$mask")
        "$fallzahl" -C "w$mask" publish --trial --as-of 2026-02-03T02:00:00Z > /dev/null
        (cd "w$mask" && find . -name '*.jsonl' -printf '%m quarantined\n' -o -printf '%m %p\n' | sort -k 2) > "modes$mask"
        "$fallzahl" -C "w$mask" check
    done
    diff modes0000 modes0077
    # private: state, keys, quarantine and outbox, and all in them
    ! grep -E ' \./(state|keys|quarantine|outbox)' modes0000 | grep -vE '^(700|600) ' || false
    ! find w0000 w0077 -perm /o=w ! -type l | grep . || false
    ! find w0000/published w0077/published ! -type l ! -perm -a=r | grep . || false
}

@test "status --json says what is stored, published and waiting" {
    workspace w
    night w
    cp export.csv w/inbox/cases-2.csv
    run --separate-stderr "$fallzahl" -C w status --json
    [ "$status" -eq 0 ]
    [ "$(jq -c '[.last_run.command, .last_run.state, .last_run.exit_status, .last_run.as_of, .stored_cases.cases, .latest_release,
        .inbox_files, .quarantine_files]' <<< "$output")" = \
        '["run","done",0,"2026-02-03T02:00:00Z",220,"2026-02-03",1,1]' ]
    [ "$(jq -r '[.last_run.steps[] | .step] | index("ingest") < index("publish")' <<< "$output")" = true ]
}

# The month in which a year ago falls has lost its first days already: published, it would be wrong for ever.
@test "a month that is no longer whole is not published, and the list says why" {
    workspace w
    awk 'BEGIN { print "case_id,opened_at,closed_at,customer_id,email,phone,channel,category,satisfaction"
        for (i = 0; i < 600; i++) { day = sprintf("2025-%02d-%02d", i % 3 + 1, i % 28 + 1)
            printf "%d,%s,%s,K%d,,,chat,order,%d\n", i, day, day, i, i % 5 + 1 } }' > w/inbox/cases.csv
    "$fallzahl" -C w run --quiet --as-of 2026-02-10T02:00:00Z
    [ "$(cut -d, -f1 w/published/latest/tables/channels.csv | sort -u | paste -sd' ')" = "2025-03 month" ]
    run "$fallzahl" -C w publish --dry-run --as-of 2026-02-10T03:00:00Z
    [[ "$output" == *"cases 2025-02-01..2025-02-28: begins before what is kept, so it is not whole"* ]]
}
