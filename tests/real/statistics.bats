# The incidents' end is an artefact of their extraction, and is said to be one.
setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    data=${FALLZAHL_SHARED:-$(realpath -m ../shared)}/data/cases/incidents_closed.csv.xz
    [ -e "$data" ] || skip "no shared data"
    folder=$(mktemp -d)
    cp examples/incidents/fallzahl.yaml "$folder"
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
    [[ $output == *'otherwise about 8,326. This is likely an artefact of the extraction, not a trend'* ]]
    run grep -E '^[0-9]+,(trend|change|last),' "$release/findings.csv"
    [ "$status" -eq 1 ]
}

@test "every series of the incidents ends in May and says why" {
    run awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
        $column["last_period"] > "2016-05" || $column["warning"] != "end_falls_off"' "$release/trends/contacts.csv"
    [ -z "$output" ]
}
