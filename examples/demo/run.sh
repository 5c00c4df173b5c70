#!/bin/sh
# Runs the demo: the export of every month arrives in inbox/, with what people declared (objections, erasures, holds …), and the
# night of the third day after its end applies and reads it, protects it and publishes. Goes on where it was stopped.
set -eu
cd "$(dirname "$0")"
fallzahl=${FALLZAHL:-fallzahl}

month=2026-02 objector=
for file in arriving/cases-*.csv; do
    [ -e "$file" ] || continue
    month=${file#arriving/cases-} month=${month%.csv}
    year=${month%-*} next=$((1${month#*-} - 99))
    [ "$next" -le 12 ] || { year=$((year + 1)) next=1; }
    mv "$file" inbox/
    : > "inbox/cases-$month.csv.ok"
    if [ -e "arriving/subjects-$month.csv" ]; then
        objector=$(awk -F, '$3 == "objection" { print $4; exit }' "arriving/subjects-$month.csv")
        mv "arriving/subjects-$month.csv" inbox/
        : > "inbox/subjects-$month.csv.ok"
    fi
    printf '%s\n' "the night after $month" >&2
    as_of=$(printf '%04d-%02d-03' "$year" "$next")
    "$fallzahl" run --quiet --as-of "$as_of"
done

# Once all months are read: a survey of March 2026, from the plan to published results.
survey() {
    set -- --as-of 2026-03-04T10:00:00Z
    # There is one user here; else whoever planned may not approve.
    grep -q '^four_eyes:' surveys/service.yaml || echo 'four_eyes: false' >> surveys/service.yaml
    plan=$("$fallzahl" survey service plan "$@")
    printf '\n%s\n\n' "$plan"
    "$fallzahl" survey service approve "$(printf '%s\n' "$plan" | grep -oE '\b[0-9a-f]{16,64}\b' | head -n 1)" "$@"
    "$fallzahl" survey service send "$@"
    deliver
    page 2026-03-06T18:00:00Z
    "$fallzahl" run --quiet --as-of 2026-03-06T22:00:00Z
    page 2026-04-20T18:00:00Z late
    rm -r mailboxes
    # Nobody can answer any more: now the answers go to the statistics, all at once. They count in April, which is published in May.
    "$fallzahl" run --quiet --as-of 2026-04-20T22:00:00Z
    as_of=2026-05-05T22:00:00Z
    "$fallzahl" run --quiet --as-of "$as_of"
    printf '\nThe survey, as it is published:\n\n'
    cat published/latest/surveys/survey_recommend.csv published/latest/surveys/survey_response.csv
}

# As a mail system does: each message goes to whom it is for, and is moved to outbox/sent/.
deliver() {
    mkdir mailboxes
    cp outbox/*.eml mailboxes/
    mv outbox/*.eml outbox/sent/
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

# What all nights did for the rights of persons, as the records of the runs count it.
printf '\nThe rights of persons, over all nights:\n\n'
for what in objection erasure opt_out recording_consent_withdrawn hold hold_release cases_removed cases_held; do
    cat state/runs/*.json | tr ',{}' '\n' | awk -v what="$what" -F: '$1 ~ "\"" what "\"" { sum += $2 } END { printf "  %-28s %d\n", what, sum }'
done
if [ -n "$objector" ]; then
    printf '\nWhat is held on somebody who objected last month:\n\n'
    "$fallzahl" person show "$objector" --as-of "$as_of"
fi

printf '\nHow age groups choose delivery, %s:\n\n' "$month"
"$fallzahl" report --table ages --where "month=$month" --limit 16
printf '\nLatest release: %s\n' "$(pwd)/published/$(readlink published/latest)"
