# Backups: whole, checked, without keys, gone after their term; a restore replaces nothing that is there.
bats_require_minimum_version 1.5.0

setup() {
    . "$BATS_TEST_DIRNAME/cases_workspace.bash"
    make_cases_workspace "$customers" "$by_channel"
    echo 'tables: {channels: {period: month, by: [channel]}}' >> w/fallzahl.yaml
    export_month 2026-01 30
    night 2026-02-03
    backup=w/state/backups/backup-2026-02-04T00:00:00Z
}

teardown() {
    rm -rf "$folder"
}

# export_month MONTH COUNT
export_month() {
    awk -v month="$1" -v count="$2" 'BEGIN {
        print "id,closed,customer,channel"
        for (i = 1; i <= count; i++) printf "%s-%d,%s-%02d,K%d,%s\n", month, i, month, i % 27 + 1, i, i % 2 ? "chat" : "phone"
    }' > "w/inbox/cases-$1.csv"
    : > "w/inbox/cases-$1.csv.ok"
}

night() {
    "$fallzahl" -C w run --quiet --as-of "$1"
}

back_up() {
    "$fallzahl" -C w backup --as-of "$1" "${@:2}"
}

restore() {
    run --separate-stderr "$fallzahl" -C w restore --as-of "$1" "${2:-$backup}"
}

replayed() {
    "$fallzahl" -C w restore --replayed --quiet --as-of "$1"
}

dump() {
    sqlite3 "$1" .dump | sort
}

@test "a backup holds each database, whole, closed to others, and no key" {
    run -0 back_up 2026-02-04
    [ "$output" = w/state/backups/backup-2026-02-04T00:00:00Z ]
    [ "$(stat -c %a "$backup")" = 700 ]
    [ -z "$(find "$backup" -type f ! -perm 0600)" ]
    for database in w/state/*.db; do
        copy=$backup/$(basename "$database")
        diff <(dump "$database") <(dump "$copy")
        [ "$(jq -r ".databases[\"$(basename "$database" .db)\"].sha256" "$backup/manifest.json")" = "$(sha256sum < "$copy" | cut -d' ' -f1)" ]
    done
    ls "$backup" | grep -q '^cases.db$'
    for key in w/keys/*; do
        ! grep -rqF "$(head -n 1 "$key")" "$backup"
        ! grep -rqaP "$(head -n 1 "$key" | tr -d '\n' | sed 's/../\\x&/g')" "$backup"
    done
    grep -q '"backup"' w/state/evidence.log
    "$fallzahl" -C w check
}

@test "a second backup of one instant, and one that finds nothing, leave nothing behind" {
    back_up 2026-02-04 --quiet
    run -73 back_up 2026-02-04
    rm w/state/*.db
    run -65 back_up 2026-02-05 elsewhere # what was there is missed
    rm w/state/known-*
    run -66 back_up 2026-02-05 elsewhere
    [ -z "$(ls -A elsewhere)" ]
}

@test "what is lost comes back as it was, and the nights go on" {
    back_up 2026-02-04 --quiet
    dump w/state/cases.db > before
    rm w/state/*.db*
    restore 2026-02-05
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"as of 2026-02-04T00:00:00Z"*"again"* ]]
    dump w/state/cases.db | diff before -
    [ "$(stat -c %a w/state/cases.db)" = 600 ]
    [ -z "$(find w/state -name '.restore*')" ]
    grep -q '"restore"' w/state/evidence.log
    export_month 2026-02 30
    run -65 night 2026-03-02
    replayed 2026-03-03
    night 2026-03-03
    grep -q '^2026-02,(total),30' w/published/2026-03-03/tables/channels.csv
}

@test "a database that is there is not replaced, and a newer ledger stays" {
    back_up 2026-02-04 --quiet
    restore 2026-02-05
    [ "$status" -eq 64 ]
    export_month 2026-02 30
    night 2026-03-03
    rm w/state/cases.db*
    restore 2026-03-04
    [ "$status" -eq 0 ]
    [[ "$stderr" != *"ledger is older"* ]]
    "$fallzahl" -C w release list | grep -q '^2026-03-03'
}

@test "a restored ledger that is older than what was published says so and publishes nothing" {
    back_up 2026-02-04 --quiet
    export_month 2026-02 30
    night 2026-03-03
    rm w/state/releases.db*
    restore 2026-03-04
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"'2026-03-03' was published"*"history import"* ]]
    run -65 night 2026-03-05
    [ ! -e w/published/2026-03-05 ]
}

@test "a backup that was changed, cut or lacks a file restores nothing" {
    back_up 2026-02-04 --quiet
    rm w/state/*.db*
    cp -r "$backup" whole
    spoil() {
        rm -rf bad
        cp -r whole bad
        eval "$1"
        restore 2026-02-05 bad
        [ "$status" -eq "$2" ]
        [ -z "$(find w/state -maxdepth 1 -name '*.db*')" ]
    }
    spoil 'printf X | dd of=bad/releases.db bs=1 seek=5000 conv=notrunc status=none' 65
    spoil 'truncate -s -4096 bad/cases.db' 65
    spoil 'rm bad/releases.db' 66
    spoil 'rm bad/manifest.json' 66
    spoil 'echo "{}" > bad/manifest.json' 65
    spoil 'sed -i "s/\"format\": 1/\"format\": 2/" bad/manifest.json' 65
    spoil 'jq ".databases.cases.schema = 99" whole/manifest.json > bad/manifest.json' 65
    # another database under the name, with a manifest that fits it
    spoil 'cp bad/releases.db bad/cases.db
           jq ".databases.cases.sha256 = .databases.releases.sha256" whole/manifest.json > bad/manifest.json' 65
}

@test "what is left of a lost database is not mixed with its backup" {
    back_up 2026-02-04 --quiet
    rm w/state/cases.db
    echo rest > w/state/cases.db-wal
    restore 2026-02-05
    [ "$status" -eq 65 ]
    [ ! -e w/state/cases.db ]
}

@test "P5: what a killed backup left goes with the next night" {
    mkdir -m 700 -p w/state/backups/.tmp-backup
    cp w/state/cases.db w/state/backups/.tmp-backup/
    "$fallzahl" -C w retention --quiet --as-of 2026-02-04 >/dev/null
    [ -z "$(ls -A w/state/backups)" ]
}

@test "backups go by their term, those of the default place only" {
    printf 'retention: {backups: 5}\n' >> w/fallzahl.yaml
    back_up 2026-02-04 --quiet
    back_up 2026-02-05 --quiet
    mkdir w/state/backups/other
    run -0 "$fallzahl" -C w retention --dry-run --as-of 2026-02-08
    [[ "$output" != *backups* ]]
    run -0 "$fallzahl" -C w retention --dry-run --as-of 2026-02-09
    [[ "$output" == *"would be deleted: 1 backups"* ]]
    [ -e "$backup" ]
    run -0 "$fallzahl" -C w retention --as-of 2026-02-09
    [ ! -e "$backup" ]
    [ -e w/state/backups/backup-2026-02-05T00:00:00Z ]
    [ -e w/state/backups/other ]
}

# ids of who is in the store
stored() {
    sqlite3 w/state/cases.db "SELECT count(*) FROM case_cases"
}

declared() {
    printf 'event,kind,identifier,occurred_at\n%s\n' "$2" > subjects.csv
    "$fallzahl" -C w subjects --quiet --as-of "$1" subjects.csv
}

@test "P4, P5: after a restore nothing is read or published before what was declared since was applied again and what is past its term is gone" {
    back_up 2026-02-04 --quiet
    declared 2026-02-05 'o1,objection,customer=K1,2026-02-05'
    declared 2026-02-05 'e2,erasure,customer=K2,2026-02-05'
    [ "$(stored)" = 28 ]
    rm w/state/cases.db*
    restore 2026-02-06
    [ "$status" -eq 0 ]
    [ "$(cat w/state/restored)" = 2026-02-04T00:00:00Z ]
    [ "$(stored)" = 30 ]
    export_month 2026-02 30
    run -65 night 2026-03-02
    [[ "$output" == *"restore --replayed"* ]]
    [ ! -e w/published/2026-03-02 ]
    [ -e w/inbox/cases-2026-02.csv ]
    run -65 "$fallzahl" -C w ingest --as-of 2026-03-02 w/inbox/cases-2026-02.csv
    run -65 "$fallzahl" -C w publish --as-of 2026-03-02
    declared 2026-03-02 'o1,objection,customer=K1,2026-02-05' # what nothing keeps from being done
    declared 2026-03-02 'e2,erasure,customer=K2,2026-02-05'
    [ "$(stored)" = 28 ]
    replayed 2026-03-03
    cut -d' ' -f2- w/state/evidence.log | jq -r .act | grep -qx 'restore replayed'
    run -64 replayed 2026-03-03
    night 2026-03-03
    [ "$(stored)" = 56 ] # 28, and of February's 30 not that of K1, who objected, nor that of K2 from before the erasure
    grep -q '^2026-02' w/published/2026-03-03/tables/channels.csv
}

@test "P5: a backup of more than a year ago is emptied before anything is published from it" {
    back_up 2026-02-04 elsewhere --quiet
    rm w/state/*.db*
    restore 2027-06-01 elsewhere/backup-2026-02-04T00:00:00Z
    [ "$status" -eq 0 ]
    [ "$(stored)" = 30 ]
    replayed 2027-06-01
    [ "$(stored)" = 0 ]
}

@test "of two restores the earlier instant stands; a killed one has noted it" {
    back_up 2026-02-04 --quiet
    back_up 2026-02-05 --quiet
    rm w/state/cases.db*
    restore 2026-02-06 w/state/backups/backup-2026-02-05T00:00:00Z
    rm w/state/cases.db*
    restore 2026-02-06
    [ "$(cat w/state/restored)" = 2026-02-04T00:00:00Z ]
    rm w/state/cases.db*
    restore 2026-02-06 w/state/backups/backup-2026-02-05T00:00:00Z
    [ "$(cat w/state/restored)" = 2026-02-04T00:00:00Z ]
    run -64 "$fallzahl" -C w restore
    run -64 "$fallzahl" -C w restore --replayed "$backup"
}
