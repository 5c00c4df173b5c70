#!/usr/bin/env bats
# The reader against files that others made, with their answers or another reader's.

setup() {
    shared=${FALLZAHL_SHARED:-$BATS_TEST_DIRNAME/../../../shared}
    [ -d "$shared/data/csv" ] || skip "no shared data"
    compare="/usr/bin/python3 $BATS_TEST_DIRNAME/csv_compare.py $(dirname "${FALLZAHL:-$BATS_TEST_DIRNAME/../../build/release/fallzahl}")/real/csv_dump"
}

@test "csv-spectrum: every file reads as its JSON says" {
    for file in "$shared"/data/csv/csv-spectrum/csvs/*.csv; do
        name=$(basename "$file" .csv)
        [ "$name" = location_coordinates ] && continue # its JSON has another telephone number than its CSV
        $compare "$file" "$shared/data/csv/csv-spectrum/json/$name.json"
    done
    $compare "$shared/data/csv/csv-spectrum/csvs/location_coordinates.csv"
}

@test "papaparse: every file reads as Python's csv module reads it" {
    for file in "$shared"/data/csv/papaparse/*.csv; do
        $compare "$file"
    done
}

@test "real exports read as Python's csv module reads them" {
    [ "$($compare "$shared/data/cases/cfpb_complaints_3186.csv")" -eq 3187 ]
    [ "$($compare "$shared/data/cases/cfpb_complaints_802.csv")" -eq 803 ]
    [ "$($compare "$shared/data/cases/la311_requests_2020.csv")" -eq 10001 ]
    [ "$($compare "$shared/data/cases/incidents_closed.csv.xz")" -eq 24919 ]
}
