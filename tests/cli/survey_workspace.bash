# For tests of surveys: a workspace `w` of one source whose people opted in, and short words for what is done with it.

# make_workspace PEOPLE [EXPORT COLUMNS...]: person i is p<i>@mail.example, case closed 2026-02-01, opted in, German.
make_workspace() {
    "$fallzahl" init w --test --quiet
    cat > w/fallzahl.yaml <<'YAML'
version: 1
timezone: UTC
controllers: [nordhaus]
country: DE
sources:
  cases:
    files: "cases-*.csv"
    case_id: id
    closed_at: closed
    identifiers: {email: {column: email, kind: email}, phone: {column: phone, kind: phone}}
    opt_in:
      email: {column: may_ask, values: [yes], withdrawn: [left], address: email}
      phone: {column: may_call, values: [yes], withdrawn: [left], address: phone}
    contact: {language: language, country: country}
    dimensions:
      month: {date: closed_at, as: month}
      channel: {column: channel, allow: [chat, phone]}
YAML
    sed -e '/^sample:/d' -e 's/^holdout_percent.*/holdout_percent: 0/' -e '/^segments:/d' -e 's/^ends:.*/ends: 2026-12-31/' \
        "$BATS_TEST_DIRNAME/../../examples/demo/surveys/service.yaml" > w/surveys/service.yaml
    echo 'four_eyes: false' >> w/surveys/service.yaml # the tests have one user
    people "$1" > w/inbox/cases-1.csv
    "$fallzahl" -C w ingest --quiet --as-of 2026-02-02T09:00:00Z w/inbox/cases-1.csv
}

people() {
    echo 'id,closed,email,phone,may_ask,may_call,language,country,channel'
    i=1
    while [ "$i" -le "$1" ]; do
        echo "$i,2026-02-01,p$i@mail.example,+4930231250$((10 + i)),yes,yes,de,DE,chat"
        i=$((i + 1))
    done
}

sql() {
    /usr/bin/python3 -c 'import sqlite3, sys; [print(*row, sep="|") for row in sqlite3.connect(f"w/state/{sys.argv[2]}.db", timeout=5).execute(sys.argv[1])]' "$1" "${2:-surveys}"
}

change() {
    /usr/bin/python3 -c 'import sqlite3, sys; c = sqlite3.connect("w/state/surveys.db"); c.execute(sys.argv[1]); c.commit(); c.close()' "$1"
}

# survey VERB [ARGUMENT] INSTANT
survey() {
    verb=$1 instant=${*: -1}
    shift
    "$fallzahl" -C w survey service "$verb" "${@:1:$#-1}" --as-of "$instant"
}

plan_and_approve() {
    survey approve "$(survey plan "$1" | sed -n 's/^plan: //p')" "$1" >/dev/null
}

waiting() {
    find w/outbox -maxdepth 1 -name '*.eml' | wc -l
}

# What a mail system does that picks messages up.
pick_up() {
    mkdir -p w/outbox/sent
    for message in "$@"; do mv "$message" w/outbox/sent/; done
}
