#!/bin/sh
# Runs the demo: the export of every month arrives in inbox/ and the night of the third day after its end reads it,
# protects it and publishes. Goes on where it was stopped.
set -eu
cd "$(dirname "$0")"
fallzahl=${FALLZAHL:-fallzahl}

month=2026-02
for file in arriving/cases-*.csv; do
    [ -e "$file" ] || continue
    month=${file#arriving/cases-} month=${month%.csv}
    year=${month%-*} next=$((1${month#*-} - 99))
    [ "$next" -le 12 ] || { year=$((year + 1)) next=1; }
    mv "$file" inbox/
    : > "inbox/cases-$month.csv.ok"
    printf '%s\n' "the night after $month" >&2
    "$fallzahl" run --quiet --as-of "$(printf '%04d-%02d-03' "$year" "$next")"
done

printf '\nHow age groups choose delivery, %s:\n\n' "$month"
"$fallzahl" report --table ages --where "month=$month" --limit 16
printf '\nLatest release: %s\n' "$(pwd)/published/$(readlink published/latest)"
