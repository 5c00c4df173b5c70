# The incidents' end is an artefact of their extraction, and is said to be one.
setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    data=${FALLZAHL_SHARED:-$(realpath -m ../shared)}/data/cases/incidents_closed.csv.xz
    [ -e "$data" ] || skip "no shared data"
    folder=$(mktemp -d)
    grep -v '^  places:' examples/incidents/fallzahl.yaml > "$folder/fallzahl.yaml" # its protection takes minutes
    "$fallzahl" init --quiet --test "$folder"
    cp "$data" "$folder/inbox/incidents.csv.xz"
    : > "$folder/inbox/incidents.csv.xz.ok"
    "$fallzahl" -C "$folder" run --quiet --as-of 2017-02-20
    release=$folder/published/latest
}
teardown() {
    [ -z "${folder:-}" ] || rm -rf "$folder"
}

@test "the incidents' collapse after May 2016 is an artefact, not a trend" {
    run sed -n 2p "$release/findings.csv"
    echo "$output"
    [[ $output == 1,artefact_end,contacts,cases,,2016-06,* ]]
    [[ $output == *'falls off after 2016-05 and looks incomplete from 2016-06 on: about 70 cases a month, before that about 8,326.'* ]]
    [[ $output == *'This is likely an artefact of the extraction, not a trend'* ]]
    [[ $output == *'bricht nach 2016-05 ab und wirkt ab 2016-06 unvollständig'* ]]
    run grep -E '^[0-9]+,(trend|change|last),' "$release/findings.csv"
    [ "$status" -eq 1 ]
}

# 8,425 cases were closed in May, 1,598 in June: counted here by other means.
@test "the incidents' last whole month is May 2016" {
    xz -dc "$data" | /usr/bin/python3 -c '
import csv, sys
months = [row["closed_at"].split()[0].split("/")[:0:-1] for row in csv.DictReader(sys.stdin)]
print(months.count(["2016", "5"]), months.count(["2016", "6"]))' > "$folder/counted"
    [ "$(cat "$folder/counted")" = "8425 1598" ]
    grep -q '^2016-05,(total),(total),8425,' "$release/tables/contacts.csv"
    grep -q '^2016-06,(total),(total),1598,' "$release/tables/contacts.csv"
}

@test "every series of the incidents ends in May and says why" {
    run awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
        $column["last_period"] > "2016-05" || $column["warning"] != "end_falls_off"' "$release/trends/contacts.csv"
    [ -z "$output" ]
}
