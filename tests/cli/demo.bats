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
