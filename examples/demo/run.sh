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

# Once all months are read: a survey of March 2026, from the plan to published results.
survey() {
    set -- --as-of 2026-03-04T10:00:00Z
    plan=$("$fallzahl" survey service plan "$@")
    printf '\n%s\n\n' "$plan"
    "$fallzahl" survey service approve "$(printf '%s\n' "$plan" | grep -oE '\b[0-9a-f]{16,64}\b' | head -n 1)" "$@"
    "$fallzahl" survey service send "$@"
    page 2026-03-06T18:00:00Z
    "$fallzahl" run --quiet --as-of 2026-03-06T22:00:00Z
    page 2026-04-20T18:00:00Z late
    "$fallzahl" run --quiet --as-of 2026-04-20T22:00:00Z
    printf '\nThe survey, as it is published:\n\n'
    cat published/latest/surveys/survey_recommend.csv published/latest/surveys/survey_response.csv
}

# The page at that time, and the customers who come then.
page() {
    at=$1
    shift
    "$fallzahl" serve --quiet --port 0 --as-of "$at" > page.url & server=$!
    tries=0
    until [ -s page.url ] || [ "$tries" -ge 100 ]; do sleep 0.1; tries=$((tries + 1)); done
    /usr/bin/python3 answers.py "$(cat page.url)" "$@" || { kill "$server"; exit 1; }
    kill "$server"
    wait "$server"
    rm page.url
}

if [ "$month" = 2026-02 ] && [ -e published/latest ] && [ ! -e published/latest/surveys ]; then
    survey
fi

printf '\nHow age groups choose delivery, %s:\n\n' "$month"
"$fallzahl" report --table ages --where "month=$month" --limit 16
printf '\nLatest release: %s\n' "$(pwd)/published/$(readlink published/latest)"
