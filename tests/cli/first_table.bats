# The way of the README: a new workspace, an export, a run, a table.
setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    folder=$(mktemp -d)
    cd "$folder"
}
teardown() {
    rm -rf "$folder"
}

@test "the starter's configuration reads an export and publishes its tables" {
    "$fallzahl" init --quiet shop --test
    "$fallzahl" -C shop check
    awk 'BEGIN {
        print "case_id,opened_at,closed_at,customer_id,email,phone,channel,category,satisfaction,notes"
        split("email chat phone", channel); split("order return", category)
        for (i = 0; i < 600; i++)
            printf "%d,2026-01-%02d 00:30,2026-01-%02d 12:30,cu%d,,,%s,%s,%d,x\n", i, i % 28 + 1, i % 28 + 1, i % 400,
                   channel[i % 3 + 1], category[i % 2 + 1], i % 5 + 1 }' > export.csv
    cp export.csv shop/inbox/cases.csv
    touch shop/inbox/cases.csv.ok
    "$fallzahl" -C shop run --quiet --as-of 2026-02-03
    run "$fallzahl" -C shop report
    [[ $output == *"Which channel customers use"* ]]
    cut -d, -f1-3,5 shop/published/latest/tables/channels.csv > shown
    printf '%s\n' month,channel,cases,satisfaction_mean "2026-01,(total),600,3.00" 2026-01,chat,200,3.00 2026-01,email,200,3.00 \
        2026-01,phone,200,3.00 | diff - shown
    [ "$(cut -d, -f9 shop/published/latest/tables/channels.csv | sed -n 2p)" = 12.000 ]
    [ -z "$(ls shop/inbox)" ]
}
