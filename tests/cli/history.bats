# What the ledger is told by people: tables that were published elsewhere, releases that a restored backup forgot, gaps.
bats_require_minimum_version 1.5.0

setup() {
    . "$BATS_TEST_DIRNAME/cases_workspace.bash"
    make_cases_workspace 'expect: monthly' 'updated_at: updated' "$customers" 'measures: {minutes: {column: minutes, unit: minutes}}' "$by_channel"
    echo 'tables: {channels: {period: month, by: [channel], measures: {minutes: [mean]}}}' >> w/fallzahl.yaml
}

teardown() {
    rm -rf "$folder"
}

# export_month MONTH CHAT PHONE: so many cases per channel, each of a person of its own.
export_month() {
    awk -v month="$1" -v chat="$2" -v phone="$3" 'BEGIN {
        print "id,closed,updated,customer,channel,minutes"
        for (i = 1; i <= chat + phone; i++) {
            day = sprintf("%s-%02d", month, i % 27 + 1)
            printf "%s-%d,%s,%s,K%d,%s,%d\n", month, i, day, day, i, i <= chat ? "chat" : "phone", i % 7
        }
    }' > "w/inbox/cases-$1.csv"
}

night() {
    for file in w/inbox/*.csv; do
        [ ! -e "$file" ] || : > "$file.ok"
    done
    "$fallzahl" -C w run --quiet --as-of "$1"
}

history() {
    "$fallzahl" -C w history "$@" --as-of "${now:-2026-03-04}" --quiet
}

@test "after a restored backup the forgotten release is made known by its folder, and nothing is published again" {
    export_month 2026-01 40 30
    night 2026-02-03
    cp -r w older
    export_month 2026-02 50 30
    night 2026-03-03
    for file in releases.db releases.db-wal releases.db-shm; do
        rm -f w/state/$file
        [ ! -e older/state/$file ] || cp -p older/state/$file w/state/
    done
    cp -r w/published/2026-03-03 before
    run night 2026-03-04
    [ "$status" -eq 65 ]
    history import w/published/2026-03-03
    run history import w/published/2026-03-03
    [ "$status" -eq 64 ]
    [[ "$output" == *"release '2026-03-03' is in the ledger already"* ]]
    night 2026-03-04
    [ "$(readlink w/published/latest)" = 2026-03-03 ]
    export_month 2026-03 50 30
    night 2026-04-03
    diff <(grep -v ^month before/tables/channels.csv) <(grep -E '^2026-0[12]' w/published/latest/tables/channels.csv)
    grep -q '^2026-03,(total),80' w/published/latest/tables/channels.csv
    [ "$("$fallzahl" -C w release list | tr -s ' \n' ' ')" = "2026-02-03 published 2026-03-03 published 2026-04-03 published " ]
}

@test "a lost ledger is made whole again from the newest release" {
    export_month 2026-01 40 30
    night 2026-02-03
    export_month 2026-02 50 30
    night 2026-03-03
    rm w/state/releases.db*
    history import w/published/2026-03-03
    run night 2026-03-05
    [[ "$output" == *"release '2026-02-03' was published"* ]]
    now=2026-03-05 history import w/published/2026-02-03
    export_month 2026-03 50 30
    night 2026-04-03
    grep -hq '^2026-03,(total),80' w/published/latest/tables/channels*.csv
    [ "$(cat w/published/latest/tables/channels*.csv | grep -c '^2026-01,(total)')" -eq 1 ]
    # readers see what they have seen
    diff <(grep -h ^2026-01 w/published/2026-02-03/tables/channels.csv) <(cat w/published/latest/tables/channels*.csv | grep ^2026-01)
}

@test "what others published of a month is known when its own table comes" {
    # they gave phone exactly, and at k = 5; nothing else of phone and chat may be told apart from it
    sed -i 's/^version: 1/version: 1\nprotection: {k: 20}/; s/allow: \[chat, phone\]/allow: [chat, fax, phone]/' w/fallzahl.yaml
    export_month 2026-01 40 30
    printf '%s\n' fax-{1..12},2026-01-15,2026-01-15,F,fax,3 | awk -F, -v OFS=, '{ $4 = "F" NR; print }' >> w/inbox/cases-2026-01.csv
    printf 'month,channel,cases\r\n2026-01,phone,30\r\n2026-01,chat,40\r\n' > others.csv
    cp -r w alone
    history import --k 5 others.csv
    [ "$("$fallzahl" -C w release list)" = "imported-2026-03-04  imported" ]
    for file in alone/inbox/*.csv; do : > "$file.ok"; done
    "$fallzahl" -C alone run --quiet --as-of 2026-03-05
    night 2026-03-05
    # alone: the total, and of fax's twelve with chat or phone the sum; known: the total would give fax
    grep -q '^2026-01,(total),82' alone/published/latest/tables/channels.csv
    ! grep -q '^2026-01,(total)' w/published/latest/tables/channels.csv || false
    ! grep -q '^2026-01,fax' w/published/latest/tables/channels.csv || false
    # what was imported is not shown
    ! ls w/published/latest/tables | grep -q imported || false
}

@test "a month of which the imported figures are not those of the cases is not published" {
    printf 'month,channel,cases\n2026-01,phone,31\n' > others.csv
    history import others.csv
    export_month 2026-01 40 30
    night 2026-03-05
    ! grep -qs ^2026-01 w/published/latest/tables/channels.csv || false
    run "$fallzahl" -C w publish --dry-run --as-of 2026-03-05
    [[ "$output" == *"table channels 2026-01-01..2026-01-31: withheld: the cases are not those any more"* ]]
}

@test "an import that cannot be right changes nothing and says where" {
    printf 'month,channel,cases\n2026-13,phone,30\n' > period.csv
    printf 'month,channel,cases\n2026-01,phone,many\n' > number.csv
    printf 'month,colour,cases\n2026-01,red,30\n' > dimension.csv
    printf 'channel,cases\nphone,30\n' > periodless.csv
    printf 'month,channel,cases,weight_n\n2026-01,phone,30,30\n' > measure.csv
    printf 'month,channel,cases\n2026-01,phone\n' > short.csv
    for problem in "period.csv:2: column 'month' is no month" "number.csv:2: column 'cases' holds what cannot be right" \
        "dimension.csv: column 'colour' is no dimension" "periodless.csv: column 'channel' is no period of closing" \
        "measure.csv: column 'weight_n' is no figure" "short.csv:2: not as many fields"; do
        run history import "${problem%%:*}"
        [ "$status" -eq 65 ]
        [[ "$output" == *"$problem"* ]]
    done
    run history import none.csv
    [ "$status" -eq 66 ]
    run history import w
    [ "$status" -eq 66 ]
    [ -z "$("$fallzahl" -C w release list)" ]
    "$fallzahl" -C w status --evidence > /dev/null
}

@test "a signed gap lets its period go, under evidence" {
    export_month 2026-01 40 30
    export_month 2026-03 40 30
    run night 2026-04-03
    [[ "$output" == *"the period from 2026-02-01 waits for a file"* ]]
    run "$fallzahl" -C w history sign-gap cases 2026-Q1 --as-of 2026-04-03
    [ "$status" -eq 64 ]
    run "$fallzahl" -C w history sign-gap orders 2026-02 --as-of 2026-04-03
    [ "$status" -eq 64 ]
    "$fallzahl" -C w history sign-gap cases 2026-02 --as-of 2026-04-03 --quiet
    night 2026-04-04
    run "$fallzahl" -C w publish --dry-run --as-of 2026-04-04
    ! [[ "$output" == *2026-02* ]] || false
    grep -q '"act":"history sign-gap","about":"2026-02"' w/state/evidence.log
    # what comes after all is late: counted, in no figure
    export_month 2026-02 50 30
    night 2026-04-05
    ! grep -q ^2026-02 w/published/latest/tables/channels.csv || false
    grep -q '"late_cases": 80' w/state/runs/2026-04-05*.json
}
