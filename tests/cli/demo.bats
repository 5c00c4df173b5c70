# The demo's inputs: made up, the same every time, with what is planted in them.
setup() {
    fallzahl=${FALLZAHL:-build/release/fallzahl}
    folder=$(mktemp -d)
}
teardown() {
    rm -rf "$folder"
}

@test "the demo's exports are the same every time" {
    "$fallzahl" init --quiet "$folder/a" --demo --test
    "$fallzahl" init --quiet "$folder/b" --demo
    diff -r "$folder/a/arriving" "$folder/b/arriving"
    [ -e "$folder/a/state/test" ] && [ ! -e "$folder/b/state/test" ]
}

@test "the demo's exports hold what is planted, and nobody's address or telephone" {
    "$fallzahl" init --quiet "$folder/a" --demo
    run /usr/bin/python3 tests/cli/demo_facts.py "$folder/a/arriving"
    echo "$output"
    [ "$output" = "as stated" ]
}

@test "the demo brings its configuration, regions and script" {
    "$fallzahl" init --quiet "$folder/a" --demo
    for file in fallzahl.yaml regions.csv run.sh; do cmp "examples/demo/$file" "$folder/a/$file"; done
}

@test "the demo's script runs month by month, and holds nobody afterwards" {
    "$fallzahl" init --quiet "$folder/a" --demo --test
    mkdir "$folder/exports"
    cp "$folder"/a/arriving/cases-2024-0[123].csv "$folder/exports"
    rm "$folder"/a/arriving/*
    cp "$folder/exports/cases-2024-01.csv" "$folder/a/arriving"
    FALLZAHL=$(realpath "$fallzahl") sh "$folder/a/run.sh"
    cp "$folder"/exports/cases-2024-0[23].csv "$folder/a/arriving"
    run env FALLZAHL="$(realpath "$fallzahl")" sh "$folder/a/run.sh"
    [ "$status" -eq 0 ]
    [ "${lines[-1]}" = "Latest release: $folder/a/published/2024-04-03" ]
    grep -Eq '^2024-03 +\(total\) +home +[0-9]+$' <<< "$output"
    [ -z "$(ls "$folder/a/arriving" "$folder/a/inbox" | grep csv)" ]
    "$fallzahl" -C "$folder/a" check
    "$fallzahl" audit --quiet --k 10 "$folder"/a/published/2024-*
    for part in state keys quarantine published outbox answers inbox requests; do
        [ "$(/usr/bin/python3 tests/cli/canary.py "$folder/a/$part" "$folder"/exports/*)" = nobody ]
    done
}
