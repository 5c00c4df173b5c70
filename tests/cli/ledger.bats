# The ledger: a period is published once, whatever comes later, and nothing published tells that something came.
bats_require_minimum_version 1.5.0

setup() {
    . "$BATS_TEST_DIRNAME/cases_workspace.bash"
    make_cases_workspace 'expect: monthly' 'updated_at: updated' "$customers" "$by_channel"
    echo 'tables: {channels: {period: month, by: [channel]}}' >> w/fallzahl.yaml
    kill_at=$(dirname "$fallzahl")/fault/kill_at
}

teardown() {
    rm -rf "$folder"
}

# export NAME MONTH CHAT PHONE: so many cases per channel, each of a person of its own.
export_month() {
    awk -v month="$2" -v chat="$3" -v phone="$4" 'BEGIN {
        print "id,closed,updated,customer,channel"
        for (i = 1; i <= chat + phone; i++) {
            day = sprintf("%s-%02d", month, i % 27 + 1)
            printf "%s-%d,%s,%s,K%d,%s\n", month, i, day, day, i, i <= chat ? "chat" : "phone"
        }
    }' > "$1"
}

# night_of WORKSPACE DAY: all exports that lie there are complete.
night_of() {
    for file in "$1"/inbox/*.csv; do
        [ ! -e "$file" ] || : > "$file.ok"
    done
    "$fallzahl" -C "$1" run --quiet --as-of "$2"
}

night() {
    night_of w "$1"
}

@test "a published period is never restated" {
    export_month w/inbox/cases-2026-01.csv 2026-01 40 30
    night 2026-02-03
    cp -r w/published/2026-02-03 first
    grep -q '^2026-01,(total),70' first/tables/channels.csv
    # late cases, a correction that moves a case to another channel, one that is open again, and the next month
    export_month w/inbox/cases-2026-02.csv 2026-02 50 30
    printf '%s\n' late-{1..15},2026-01-15,2026-02-10,L,chat 2026-01-1,2026-01-02,2026-02-11,K1,phone \
        2026-01-2,,2026-02-11,K2,chat 2026-01-3,2026-01-04,2026-02-11,K3,chat >> w/inbox/cases-2026-02.csv
    night 2026-03-03
    [ "$(readlink w/published/latest)" = 2026-03-03 ]
    diff <(grep ^2026-01 first/tables/channels.csv) <(grep ^2026-01 w/published/latest/tables/channels.csv)
    grep -q '^2026-02,(total),80' w/published/latest/tables/channels.csv
    # the checker, and nobody else, learns what it would have changed
    [ "$(cat w/state/checks/late.csv)" = "source,from,to,late,corrected
cases,2026-01-01,2026-01-31,15,1" ]
    [ "$(stat -c %a w/state/checks/late.csv)" = 600 ]
    grep -q '"late_cases": 15' w/state/runs/2026-03-03*.json
    grep -q '"corrected_cases": 1' w/state/runs/2026-03-03*.json
}

@test "nothing due, nothing published" {
    export_month w/inbox/cases-2026-01.csv 2026-01 40 30
    night 2026-02-02
    [ ! -e w/published/latest ]
    night 2026-02-03
    night 2026-02-04
    [ "$(ls w/published | wc -l)" -eq 2 ]
}

@test "a late case or a rejected row changes no byte that is published" {
    export_month january 2026-01 40 30
    export_month february 2026-02 50 30
    for kind in nothing late rejected; do
        cp -r w $kind
        cp january $kind/inbox/cases-2026-01.csv
        night_of $kind 2026-02-03
        cp february $kind/inbox/cases-2026-02.csv
    done
    echo late-1,2026-01-15,2026-02-10,L1,chat >> late/inbox/cases-2026-02.csv
    echo broken,31.31.2026,x,L2,chat >> rejected/inbox/cases-2026-02.csv
    for kind in nothing late rejected; do
        night_of $kind 2026-03-03
        diff -r nothing/published $kind/published
    done
    [ "$(cut -d, -f4 late/state/checks/late.csv | tail -n 1)" -eq 1 ]
    [ "$(grep -ho "\"rejected\": *1\b" rejected/state/runs/2026-03-03*.json | wc -l)" -ge 1 ]
}

# late NAME FROM TO CHANNEL: late cases of January, of a person each.
late() {
    { echo id,closed,updated,customer,channel
      for ((n = $2; n <= $3; n++)); do echo "late-$n,2026-01-20,2026-02-10,L$n,$4"; done; } > "w/inbox/cases-$1.csv"
}

# leave NAME FROM TO: these persons are erased.
leave() {
    { echo event,kind,identifier,occurred_at
      for ((n = $2; n <= $3; n++)); do echo "$1-$n,erasure,customer=K$n,2026-02-10"; done; } > "w/inbox/subjects-$1.csv"
}

january() {
    grep -h ^2026-01 w/published/latest/tables/channels.csv
}

@test "chain: yesterday 14, today 15" {
    export_month w/inbox/cases-2026-01.csv 2026-01 14 30
    night 2026-02-03
    january > first
    grep -q '^2026-01,chat,14' first
    for n in 1 2 3; do
        late 2026-01-$n "$n" "$n" chat
        night 2026-02-1$n
        diff first <(january)
    done
    [ "$(ls -d w/published/2026-* | wc -l)" -eq 1 ]
}

@test "net versus gross: ten come late, eleven leave, and nothing shows the eleventh" {
    export_month w/inbox/cases-2026-01.csv 2026-01 50 30
    night 2026-02-03
    january > first
    late 2026-01-b 1 10 chat
    night 2026-02-11
    leave b 1 11
    night 2026-02-12
    export_month w/inbox/cases-2026-02.csv 2026-02 50 30
    night 2026-03-03
    diff first <(january)
}

@test "pattern: what is withheld stays withheld, and what is published stays, however the cases change" {
    export_month w/inbox/cases-2026-01.csv 2026-01 40 3
    night 2026-02-03
    january > first
    ! grep -q phone first || false
    late 2026-01-b 1 30 phone
    leave b 1 36
    night 2026-02-11
    export_month w/inbox/cases-2026-02.csv 2026-02 50 30
    night 2026-03-03
    diff first <(january)
    ! grep -q '^2026-01,phone' w/published/latest/tables/channels.csv || false
}

# Everybody's January is out; K1, who has no later case, leaves. Nothing that is published, and no message to whom may see status, tells.
@test "an objection or an erasure after publication changes no byte that is published" {
    export_month w/inbox/cases-2026-01.csv 2026-01 40 30
    night 2026-02-03
    export_month february 2026-02 50 30
    sed -i 's/,K1,/,K101,/' february
    for kind in nothing objection erasure; do
        cp -r w $kind
        cp february $kind/inbox/cases-2026-02.csv
        if [ $kind != nothing ]; then
            printf 'event,kind,identifier,occurred_at\ne1,%s,customer=K1,2026-02-10\n' $kind > $kind/inbox/subjects-1.csv
            : > $kind/inbox/subjects-1.csv.ok
        fi
        night_of $kind 2026-03-03
        diff -r nothing/published $kind/published
    done
    [ "$(jq '.steps[] | select(.step == "subjects") | .counts.cases_removed' objection/state/runs/2026-03-03*.json)" -eq 1 ]
    [ "$(jq '.steps[] | select(.step == "subjects") | .counts.cases_removed' erasure/state/runs/2026-03-03*.json)" -eq 1 ]
}

# Before publication an objection is in the protected tables, and nowhere else: not in names, manifests but their digests, or descriptions.
@test "an objection before publication is in protected tables alone" {
    for kind in with without; do
        cp -r w $kind
        export_month $kind/inbox/cases-2026-01.csv 2026-01 40 30
    done
    printf 'event,kind,identifier,occurred_at\ne1,objection,customer=K1,2026-02-01\n' > with/inbox/subjects-1.csv
    : > with/inbox/subjects-1.csv.ok
    night_of with 2026-02-03
    night_of without 2026-02-03
    grep -q '^2026-01,(total),69' with/published/latest/tables/channels.csv
    grep -q '^2026-01,(total),70' without/published/latest/tables/channels.csv
    diff <(cd with/published && find . | sort) <(cd without/published && find . | sort)
    for kind in with without; do
        find $kind/published/2026-02-03 -name '*.csv' -delete
        jq 'del(.files[].sha256)' $kind/published/2026-02-03/manifest.json > manifest
        mv manifest $kind/published/2026-02-03/manifest.json
        jq 'del(.resources[].hash, .resources[].bytes)' $kind/published/2026-02-03/datapackage.json > package
        mv package $kind/published/2026-02-03/datapackage.json
    done
    diff -r --exclude='report.xlsx' --exclude='index.html' with/published without/published
}

@test "a missing file holds back its period until somebody signs the gap" {
    export_month w/inbox/cases-2026-01.csv 2026-01 40 30
    export_month w/inbox/cases-2026-03.csv 2026-03 40 30
    run night 2026-04-03
    [[ "$output" == *"the period from 2026-02-01 waits for a file"* ]]
    grep -q '^2026-01' w/published/latest/tables/channels.csv
    ! grep -q '^2026-02' w/published/latest/tables/channels.csv || false
    run "$fallzahl" -C w publish --dry-run --as-of 2026-04-03
    [[ "$output" == *"cases 2026-02-01..2026-02-28: waits for a file"* ]]
}

@test "a rejected file holds back what is not published" {
    export_month w/inbox/cases-2026-01.csv 2026-01 40 30
    printf 'id,closed,updated,customer,channel\n"broken' > w/inbox/cases-2026-01b.csv
    run night 2026-02-03
    [ "$status" -eq 65 ]
    [ ! -e w/published/latest ]
    rm w/inbox/cases-2026-01b.csv
    night 2026-02-04
    grep -q '^2026-01' w/published/latest/tables/channels.csv
}

@test "a rejected file whose name tells what it covers holds back that period alone" {
    sed -i 's/    expect: monthly/    expect: monthly\n    covers: name/' w/fallzahl.yaml
    export_month w/inbox/cases-2026-01.csv 2026-01 40 30
    export_month w/inbox/cases-2026-02-a.csv 2026-02 50 30
    printf 'id,closed,updated,customer,channel\n"broken' > w/inbox/cases-2026-02.csv
    run night 2026-03-03
    [ "$status" -eq 65 ]
    [ "$(cut -d, -f1 w/published/latest/tables/channels.csv | sort -u | paste -sd' ')" = "2026-01 month" ]
    run "$fallzahl" -C w publish --dry-run --as-of 2026-03-03
    [[ "$output" == *"cases 2026-02-01..2026-02-28: held back by a rejected file"* ]]
    # a name with another date beside it tells nothing
    mv w/inbox/cases-2026-02.csv w/inbox/cases-2026-02-to-2026-03.csv
    mv w/inbox/cases-2026-02.csv.ok w/inbox/cases-2026-02-to-2026-03.csv.ok
    export_month w/inbox/cases-2026-03.csv 2026-03 60 30
    run night 2026-04-03
    ! grep -q '^2026-0[23]' w/published/latest/tables/channels.csv || false
    rm w/inbox/cases-2026-02-to-2026-03.csv
    night 2026-04-04
    [ "$(cut -d, -f1 w/published/latest/tables/channels.csv | sort -u | paste -sd' ')" = "2026-01 2026-02 2026-03 month" ]
}

@test "a changed table is a new version and leaves what was published" {
    export_month w/inbox/cases-2026-01.csv 2026-01 40 30
    night 2026-02-03
    sed -i 's/^version: 1/version: 1\nprotection: {k: 20}/' w/fallzahl.yaml
    export_month w/inbox/cases-2026-02.csv 2026-02 50 15
    night 2026-03-03
    grep -q '^2026-01,phone,30' w/published/latest/tables/channels_v1.csv
    ! grep -q '^2026-01' w/published/latest/tables/channels.csv || false
    grep -q '^2026-02,(total),65' w/published/latest/tables/channels.csv
    ! grep -q '^2026-02,phone' w/published/latest/tables/channels.csv || false
}

@test "a source under another name publishes nothing again that the old one has published" {
    export_month w/inbox/cases-2026-01.csv 2026-01 40 30
    night 2026-02-03
    cp -r w/published/2026-02-03 before
    # by itself, then with a table under another name: one case less would tell of it
    sed -i 's/^  cases:/  shop:/' w/fallzahl.yaml
    export_month w/inbox/cases-2026-01.csv 2026-01 39 30
    night 2026-02-04
    sed -i 's/channels: {/ways: {/' w/fallzahl.yaml
    night 2026-02-05
    diff -r before w/published/latest
    run -0 "$fallzahl" -C w publish --dry-run --as-of 2026-02-06
    [[ "$output" == *"shop 2026-01-01..2026-01-31: withheld: a source that is not configured any more has published it"* ]]
    # what the old one did not publish is the new one's
    export_month w/inbox/cases-2026-02.csv 2026-02 50 30
    night 2026-03-03
    grep -q '^2026-02,(total),80' w/published/latest/tables/ways.csv
    ! grep -q ^2026-01 w/published/latest/tables/ways.csv || false
}

@test "a withdrawn release is shown no more and never published again" {
    export_month w/inbox/cases-2026-01.csv 2026-01 40 30
    night 2026-02-03
    export_month w/inbox/cases-2026-02.csv 2026-02 50 30
    night 2026-03-03
    run "$fallzahl" -C w release withdraw 2026-02-03 --because test --as-of 2026-03-04
    [ "${lines[1]%%, and so*}" = "2026-03-03 show them still" ]
    [ ! -e w/published/2026-02-03 ]
    grep -q '^2026-01' w/published/latest/tables/channels.csv
    [ "$("$fallzahl" -C w release list)" = "2026-02-03  withdrawn
2026-03-03  published" ]
    export_month w/inbox/cases-2026-03.csv 2026-03 50 30
    night 2026-04-03
    ! grep -q '^2026-01' w/published/latest/tables/channels.csv || false
    grep -q '^2026-02' w/published/latest/tables/channels.csv
    run "$fallzahl" -C w release withdraw 2026-02-03 --because again --as-of 2026-04-04
    [ "$status" -eq 64 ]
    run "$fallzahl" -C w release withdraw 2026-04-03 --because test --as-of 2026-04-04
    [ "${#lines[@]}" -eq 1 ]
}

count_cases() {
    /usr/bin/python3 -c 'import sqlite3; print(sqlite3.connect("w/state/cases.db").execute("SELECT count(*) FROM case_cases").fetchone()[0])'
}

@test "the ledger survives the deletion of all cases" {
    export_month w/inbox/cases-2026-01.csv 2026-01 40 30
    night 2026-02-03
    export_month w/inbox/cases-2026-02.csv 2026-02 50 30
    night 2026-03-03
    cp w/published/latest/tables/channels.csv before.csv
    night 2027-06-01
    [ "$(count_cases)" -eq 0 ]
    cmp before.csv w/published/latest/tables/channels.csv
    # the next release shows them, and a case of then that comes again restates nothing
    export_month w/inbox/cases-2027-05.csv 2027-05 60 30
    night 2027-06-03
    [ "$(grep -E '^(month|2026-)' w/published/latest/tables/channels.csv)" = "$(cat before.csv)" ]
    grep -q '^2027-05,(total),90' w/published/latest/tables/channels.csv
    [ "$("$fallzahl" -C w release list | wc -l)" -eq 3 ]
}

@test "trial shows the checker everything and leaves the ledger alone" {
    export_month w/inbox/cases-2026-01.csv 2026-01 40 30
    night 2026-02-02
    "$fallzahl" -C w publish --trial --as-of 2026-02-02
    grep -q '^2026-01,(total),70' w/state/checks/trial/tables/channels.csv
    [ "$(stat -c %a w/state/checks/trial)" = 700 ]
    [ -z "$("$fallzahl" -C w release list)" ]
    [ ! -e w/published/latest ]
}

# The whole night is killed before a call that changes a file (KILL_STEP=1: before each); the next night comes to the same release.
@test "killed at any instant, the next night publishes the same" {
    [ -x "$kill_at" ] || skip "no kill_at"
    export_month w/inbox/cases-2026-01.csv 2026-01 40 30
    : > w/inbox/cases-2026-01.csv.ok
    cp -r w good
    "$fallzahl" -C good run --quiet --as-of 2026-02-03
    for ((n = 1; ; n += ${KILL_STEP:-29})); do
        rm -rf killed
        cp -r w killed
        status=0
        "$kill_at" $n "$fallzahl" -C killed run --quiet --as-of 2026-02-03 || status=$?
        "$fallzahl" -C killed run --quiet --as-of 2026-02-03
        diff -r good/published killed/published
        [ "$status" -eq 99 ] || break
    done
    [ "$n" -gt 100 ]
}

sql() {
    /usr/bin/python3 -c 'import sqlite3, sys; c = sqlite3.connect("w/state/releases.db"); c.execute(sys.argv[1]); c.commit()' "$1"
}

# backup NAME: what releases.db is now, as a backup holds it.
backup() {
    sql "VACUUM INTO '$1'"
}

restore() {
    rm -f w/state/releases.db-wal w/state/releases.db-shm
    install -m 600 "$1" w/state/releases.db
}

two_releases_and_an_older_ledger() {
    export_month w/inbox/cases-2026-01.csv 2026-01 40 30
    night 2026-02-03
    backup older
    export_month w/inbox/cases-2026-02.csv 2026-02 50 30
    night 2026-03-03
    restore older
}

refused() {
    [ "$status" -eq 65 ]
    [[ "$output" == *"release '2026-03-03' was published, but state/releases.db does not know it"* ]]
    [[ "$output" == *"restore the newest backup of state/releases.db"* ]]
    [[ "$output" == *"history import"* ]]
}

@test "a ledger that is older than published/ publishes nothing and says what to do" {
    two_releases_and_an_older_ledger
    cp -r w/published before
    export_month w/inbox/cases-2026-03.csv 2026-03 50 30
    run night 2026-04-03
    refused
    run "$fallzahl" -C w publish --as-of 2026-04-03
    refused
    run "$fallzahl" -C w publish --dry-run --as-of 2026-04-03
    refused
    diff -r before w/published
    [ "$(readlink w/published/latest)" = 2026-03-03 ]
    # objections and retention never wait, and the export is read
    [ -z "$(ls w/inbox)" ]
}

@test "a ledger that is older than the evidence publishes nothing, though the folder is gone" {
    two_releases_and_an_older_ledger
    rm -r w/published/2026-03-03 w/published/latest
    run night 2026-04-03
    refused
}

@test "an older ledger with a staged release does not move latest back" {
    export_month w/inbox/cases-2026-01.csv 2026-01 40 30
    night 2026-02-03
    sql "UPDATE release SET state = 'staged'"
    backup older
    sql "UPDATE release SET state = 'published'"
    export_month w/inbox/cases-2026-02.csv 2026-02 50 30
    night 2026-03-03
    restore older
    run night 2026-03-04
    refused
    [ "$(readlink w/published/latest)" = 2026-03-03 ]
}

@test "a ledger without a withdrawal that the evidence knows publishes nothing until it is withdrawn again" {
    export_month w/inbox/cases-2026-01.csv 2026-01 40 30
    night 2026-02-03
    backup older
    "$fallzahl" -C w release withdraw 2026-02-03 --because test --as-of 2026-02-04 --quiet
    restore older
    export_month w/inbox/cases-2026-02.csv 2026-02 50 30
    run night 2026-03-03
    [ "$status" -eq 65 ]
    [[ "$output" == *"release '2026-02-03' was withdrawn"* ]]
    "$fallzahl" -C w release withdraw 2026-02-03 --because again --as-of 2026-03-03 --quiet
    night 2026-03-03
    ! grep -q ^2026-01 w/published/latest/tables/channels.csv || false
}

@test "a ledger that is lost altogether publishes nothing" {
    export_month w/inbox/cases-2026-01.csv 2026-01 40 30
    night 2026-02-03
    rm w/state/releases.db*
    run night 2026-02-04
    [ "$status" -eq 65 ]
    [[ "$output" == *"release '2026-02-03' was published"* ]]
}
