#!/usr/bin/env bats
# Tables of `fallzahl protect` byte by byte (`make golden-accept` takes over what is meant to differ).

setup() {
    folder=$BATS_TEST_DIRNAME
    fallzahl=${FALLZAHL:-$folder/../../build/release/fallzahl}
}

@test "protected tables are as they were accepted, and safe from outside" {
    sh "$folder/protect.sh" "$fallzahl" "$BATS_TEST_TMPDIR"
    for table in all table zeros; do diff "$folder/protect/$table.csv" "$BATS_TEST_TMPDIR/$table.csv"; done
    "$fallzahl" audit --k 5 --hierarchy "place:$folder/protect/places.csv" "$BATS_TEST_TMPDIR/table.csv"
}
