# Requests: what marketing and the data protection officer ask for by dropping a file. With root, as real users of Debian:
# marketing is the group nogroup (nobody, sync), the officer is news.
setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    survey=$BATS_TEST_DIRNAME/../../examples/demo/surveys/service.yaml
    kill_at=$(dirname "$fallzahl")/fault/kill_at
    folder=$(mktemp -d)
    chmod 0755 "$folder"
    cd "$folder"
    "$fallzahl" init w --test --quiet
    cat > w/fallzahl.yaml <<'YAML'
version: 1
timezone: UTC
controllers: [nordhaus]
sources:
  cases:
    files: "cases-*.csv"
    case_id: id
    closed_at: closed
    identifiers: {customer: {column: customer, kind: id}}
    dimensions:
      month: {date: closed_at, as: month}
      channel: {column: channel, allow: [chat, phone]}
YAML
    cp "$survey" w/surveys/service.yaml
}

teardown() {
    rm -rf "$folder"
}

needs_users() {
    [ "$(id -u)" -eq 0 ] && id -u nobody sync news >/dev/null 2>&1 && command -v runuser >/dev/null ||
        skip "needs root and the users nobody, sync and news"
    printf 'groups: {marketing: nogroup, dpo: news}\n' >> w/fallzahl.yaml
    "$fallzahl" -C w init --quiet
}

# as USER COMMAND...: in the user's own group, as at a login.
as() {
    user=$1
    shift
    runuser -u "$user" -- "$@"
}

# drop USER GROUP NAME TEXT
drop() {
    as "$1" sh -c 'umask 022; printf "$2" > "w/requests/$1"' - "$2/$3.yaml" "$4"
}

requests() {
    "$fallzahl" -C w requests --quiet --as-of 2026-02-03
}

state_of() {
    jq -r .state "w/answers/$1.answer.json"
}

@test "a request is done, answered and removed" {
    printf 'do: status\nsurvey: service\n' > w/requests/marketing/how.yaml
    requests
    [ ! -e w/requests/marketing/how.yaml ]
    grep -q '^state: done$' w/answers/marketing/how.answer.txt
    [ "$(stat -c %a w/answers/marketing/how.answer.txt w/answers/marketing/how.answer.json | sort -u)" = 640 ]
    [ "$(jq -r '"\(.request) \(.who) \(.as_of) \(.exit_status)"' w/answers/marketing/how.answer.json)" = "how $(id -un) 2026-02-03T00:00:00Z 0" ]
}

@test "the night does the requests, after what came through the page" {
    printf 'do: evidence\n' > w/requests/dpo/log.yaml
    "$fallzahl" -C w run --quiet --as-of 2026-02-03
    grep -qx 'lines: 3' w/answers/dpo/log.answer.txt
    [ "$(jq -r '.steps[1] | "\(.step) \(.counts.requests_done)"' w/state/runs/2026-02-03T00:00:00Z-1.json)" = "requests 1" ]
}

@test "malformed requests are answered with every problem and its place" {
    printf 'do: plan\nsurvy: service\n' > w/requests/marketing/a.yaml
    printf 'do: [\n' > w/requests/marketing/b.yaml
    printf 'do: approve\nsurvey: service\n' > w/requests/marketing/c.yaml
    printf 'do: plan\nsurvey: service\nplan: 12\n' > w/requests/marketing/d.yaml
    printf 'do: plan\nsurvey: ../../etc/passwd\n' > w/requests/marketing/e.yaml
    printf 'do: plan\nsurvey: service' > w/requests/marketing/f.yaml
    : > w/requests/marketing/g.yaml
    requests
    for name in a b c d e f g; do [ "$(state_of marketing/$name)" = refused ]; done
    grep -q "a.yaml:2:1: .*'survy'.*'survey'" w/answers/marketing/a.answer.txt
    grep -q "'plan' is missing; 'approve' needs it" w/answers/marketing/c.answer.txt
    grep -q "d.yaml:3:1: 'plan' takes no 'plan'" w/answers/marketing/d.answer.txt
    grep -q "the last line has no end" w/answers/marketing/f.answer.txt
    [ -z "$(ls w/requests/marketing)" ]
}

@test "a verb of the other group does not exist" {
    printf 'do: evidence\n' > w/requests/marketing/log.yaml
    printf 'do: approve\nsurvey: service\nplan: 0123456789abcdef\n' > w/requests/dpo/approve.yaml
    requests
    grep -q "log.yaml:1:5: 'do' is 'evidence'; this group may ask for: plan, preview, approve, halt, status, results$" w/answers/marketing/log.answer.txt
    [ "$(state_of dpo/approve)" = refused ]
    [ -z "$(find w/answers/marketing -name 'approve*')" ]
}

@test "links, files that others can write to, and large files are refused unread" {
    printf 'do: status\nsurvey: service\n' > outside.yaml
    ln -s "$PWD/outside.yaml" w/requests/marketing/symbolic.yaml
    ln outside.yaml w/requests/marketing/hard.yaml
    printf 'do: status\nsurvey: service\n' > w/requests/marketing/open.yaml
    chmod 0664 w/requests/marketing/open.yaml
    { printf 'do: status\nsurvey: service\n'; head -c 70000 /dev/zero | tr '\0' '#'; echo; } > w/requests/marketing/large.yaml
    mkfifo w/requests/marketing/pipe.yaml
    requests
    for name in symbolic hard open large pipe; do [ "$(state_of marketing/$name)" = refused ]; done
    [ -f outside.yaml ]
    [ -z "$(ls w/requests/marketing)" ]
}

@test "a file under another name is answered as no request, once it was left alone" {
    printf 'do: status\nsurvey: service\n' > w/requests/marketing/fresh.yml
    for name in dpo/a.yml dpo/b.YAML marketing/c.yaml.txt; do printf 'do: status\n' > "w/requests/$name"; done
    touch -d 2026-02-02 w/requests/dpo/* w/requests/marketing/c.yaml.txt
    for name in .hidden.yaml ..yaml; do
        printf 'do: access\nperson: customer=K1\n' > w/requests/dpo/$name
        touch -d 2026-02-02 w/requests/dpo/$name
    done
    : > w/requests/dpo/.arriving.yaml
    touch -d 2026-02-03 w/requests/dpo/.arriving.yaml
    mkdir w/requests/dpo/folder
    requests
    for name in dpo/a.yml dpo/b.YAML marketing/c.yaml.txt dpo/_hidden dpo/_; do
        [ "$(state_of $name)" = refused ]
        grep -qx 'reason: the name of a request ends in .yaml and does not begin with a dot' "w/answers/$name.answer.txt"
    done
    [ "$(ls w/requests/marketing)" = fresh.yml ]
    [ "$(ls -A w/requests/dpo | tr '\n' ' ')" = ".arriving.yaml folder " ]
}

@test "an answer's name is plain whatever the request's is, and what may be on its way stays where it is" {
    printf 'do: status\nsurvey: service\n' > "w/requests/marketing/a b;\$(x)é.yaml"
    printf 'do: status\n' > w/requests/marketing/upload.part
    requests
    [ "$(ls w/answers/marketing | tr '\n' ' ')" = "a_b___x___.answer.json a_b___x___.answer.txt " ]
    [ "$(ls w/requests/marketing)" = upload.part ]
}

@test "a name that is no text stops no night: the answer says '?' for it" {
    local name=$'no\xff\ntext'
    printf 'do: plan\nsurvy: service\n' > "w/requests/marketing/$name.yaml"
    printf 'event,kind,identifier,occurred_at\ne1,objektion,a@mail.example,2026-02-01\n' > "w/inbox/subjects-$name.csv"
    : > "w/inbox/subjects-$name.csv.ok"
    run "$fallzahl" -C w run --quiet --as-of 2026-02-03
    [ "$status" -eq 65 ]
    [ "$(jq -r .state w/answers/marketing/no__text.answer.json)" = refused ]
    [ "$(jq -r .state w/answers/dpo/subjects-no__text.csv-*.answer.json)" = "done in part" ]
    jq -r .answer w/answers/marketing/no__text.answer.json | grep -q '^no?'
    [ -z "$(ls w/inbox w/requests/marketing)" ] || [ "$(find w/inbox w/requests/marketing -type f | wc -l)" -eq 0 ]
    "$fallzahl" -C w status --as-of 2026-02-03 >/dev/null
    [ "$("$fallzahl" -C w quarantine list --json | jq length)" = 1 ]
}

@test "a name with control characters reaches no terminal or log as it is" {
    local name=$'x\e[2J\xc2\x9b\xff\ny'
    printf 'id,closed,customer,channel\n1,2026-01-05,K1,chat\n2,x,K1,chat\n' > "w/inbox/cases-$name.csv"
    printf 'id,closed\n' > "w/inbox/cases-z$name.csv"
    printf 'event,kind,identifier,occurred_at\ne1,objektion,a@mail.example,2026-02-01\n' > "w/inbox/subjects-$name.csv"
    for file in w/inbox/*; do : > "$file.ok"; done
    "$fallzahl" -C w run --as-of 2026-02-03 > said 2>&1 || [ $? -eq 65 ]
    [ "$(grep -c 'x?\[2J????y' said)" -ge 3 ] || { cat -v said; false; }
    [ "$(LC_ALL=C tr -d '\n\40-\176' < said | wc -c)" -eq 0 ] || { cat -v said; false; }
}

@test "killed at any call, a request ends with one answer and no second plan" {
    [ -x "$kill_at" ] || skip "no kill_at"
    cp -r w fresh
    for call in 20 30 40 45 50 55 60 65 70 75 80 90; do
        rm -rf w && cp -r fresh w
        printf 'do: plan\nsurvey: service\n' > w/requests/marketing/plan.yaml
        "$kill_at" $call "$fallzahl" -C w requests --quiet --as-of 2026-02-03 || true
        requests
        [ ! -e w/requests/marketing/plan.yaml ]
        [ "$(state_of marketing/plan)" = done ]
        [ "$(/usr/bin/python3 -c 'import sqlite3; print(sqlite3.connect("w/state/surveys.db").execute("SELECT count(*) FROM survey_plan").fetchone()[0])')" = 1 ]
    done
}

@test "P8: who asked stands in the evidence log" {
    printf 'do: plan\nsurvey: service\n' > w/requests/marketing/plan.yaml
    requests
    [ "$(cut -c66- w/state/evidence.log | jq -r 'select(.act == "survey plan" and .rules) | "\(.about) \(.who)"')" = "service $(id -un)" ]
}

@test "who planned may not approve, whatever way it is tried, unless the survey's file says that one person may" {
    printf 'do: plan\nsurvey: service\n' > w/requests/marketing/plan.yaml
    requests
    hash=$(sed -n 's/^plan: //p' w/answers/marketing/plan.answer.txt)
    printf 'do: approve\nsurvey: service\nplan: %s\n' "$hash" > w/requests/marketing/mine.yaml
    requests
    grep -q "whoever planned it may not approve it" w/answers/marketing/mine.answer.txt
    run "$fallzahl" -C w survey service approve "$hash" --as-of 2026-02-03
    [ "$status" -eq 64 ]
    [[ $output == *"whoever planned it may not approve it"* ]]
    echo 'four_eyes: false' >> w/surveys/service.yaml
    hash=$("$fallzahl" -C w survey service plan --as-of 2026-02-03 | sed -n 's/^plan: //p')
    "$fallzahl" -C w survey service approve "$hash" --as-of 2026-02-03
}

@test "a hold of a case that is not stored is no plain \"done\"" {
    echo 'id,closed,customer,channel
8843,2026-02-01,K1,chat' > cases.csv
    "$fallzahl" -C w ingest --quiet --source cases --as-of 2026-02-02 cases.csv
    printf 'do: hold\nperson: case:cases=8834\nreason: court\n' > w/requests/dpo/mistyped.yaml
    printf 'do: hold\nperson: case:cases=8843\nreason: court\n' > w/requests/dpo/right.yaml
    printf 'do: hold\nperson: customer=K2\nreason: court\n' > w/requests/dpo/someone.yaml
    printf 'do: hold_release\nperson: case:cases=8843\nreason: tax\n' > w/requests/dpo/unmatched.yaml
    printf 'do: objection\nperson: customer=K2\n' > w/requests/dpo/unknown.yaml
    printf 'do: opt_out\nperson: customer=K2\n' > w/requests/dpo/out.yaml
    printf 'do: objection\nperson: customer=K2\nat: 0001-01-01\n' > w/requests/dpo/year.yaml
    printf 'do: hold\nperson: customer=K2\nreason: owed by k2@mail.example\n' > w/requests/dpo/named.yaml
    printf 'do: objection\nperson: case:cases=8843\n' > w/requests/dpo/case.yaml
    requests
    grep -qx 'look again: no such case is stored now; the hold is noted and applies as soon as one comes in' w/answers/dpo/mistyped.answer.txt
    grep -qx 'held: the case' w/answers/dpo/right.answer.txt
    grep -q '^look again: no such case is stored now' w/answers/dpo/someone.answer.txt
    grep -q '^look again: no hold for this reason stood' w/answers/dpo/unmatched.answer.txt
    grep -q '^no case of anybody with this identifier was stored' w/answers/dpo/unknown.answer.txt
    ! grep -q 'screened' w/answers/dpo/out.answer.txt || false
    grep -q "^reason: 'at': out_of_range" w/answers/dpo/year.answer.txt # in the words of the request
    grep -q "^reason: 'reason': unknown_value" w/answers/dpo/named.answer.txt
    grep -q "^reason: 'person': bad_identifier" w/answers/dpo/case.answer.txt
    ! grep -q 'held: ' w/answers/dpo/mistyped.answer.txt w/answers/dpo/someone.answer.txt || false
}

@test "two users: four eyes by default; who planned may not approve, the other may" {
    needs_users
    ! grep -q four_eyes w/surveys/service.yaml || false
    drop nobody marketing plan 'do: plan\nsurvey: service\n'
    requests
    hash=$(sed -n 's/^plan: //p' w/answers/marketing/plan.answer.txt)
    [ "${#hash}" -eq 64 ]
    drop nobody marketing mine "do: approve\nsurvey: service\nplan: $hash\n"
    requests
    grep -q "whoever planned it may not approve it" w/answers/marketing/mine.answer.txt
    drop sync marketing yours "do: approve\nsurvey: service\nplan: $hash\n"
    requests
    grep -q "^approved by sync$" w/answers/marketing/yours.answer.txt
}

@test "two users: nobody can put a request under another's name" {
    needs_users
    drop sync marketing theirs 'do: status\nsurvey: service\n'
    run as nobody sh -c 'echo "do: halt" > w/requests/marketing/theirs.yaml'
    [ "$status" -ne 0 ]
    run as nobody mv w/requests/marketing/theirs.yaml w/requests/marketing/other.yaml
    [ "$status" -ne 0 ]
    run as nobody rm -f w/requests/marketing/theirs.yaml
    [ "$status" -ne 0 ]
}

@test "two users: marketing reads neither state nor keys nor the officer's answers; each reads its own" {
    needs_users
    drop news dpo log 'do: evidence\n'
    drop nobody marketing how 'do: status\nsurvey: service\n'
    requests
    as nobody cat w/answers/marketing/how.answer.txt
    as news cat w/answers/dpo/log.answer.txt
    for place in keys state state/evidence.log state/surveys.db keys/analytics.1 quarantine outbox answers/dpo answers/dpo/log.answer.txt requests/dpo; do
        run as nobody sh -c 'cat "$1" 2>/dev/null || ls "$1"' - "w/$place"
        [ "$status" -ne 0 ]
    done
    for place in keys state answers/marketing/how.answer.txt requests/marketing; do
        run as news sh -c 'cat "$1" 2>/dev/null || ls "$1"' - "w/$place"
        [ "$status" -ne 0 ]
    done
    run drop nobody dpo x 'do: evidence\n'
    [ "$status" -ne 0 ]
    run drop news marketing x 'do: status\nsurvey: service\n'
    [ "$status" -ne 0 ]
    run as nobody "$fallzahl" -C w survey service plan
    [ "$status" -ne 0 ]
}

@test "init gives the folders to their groups and check tells when they are not" {
    needs_users
    [ "$(stat -c '%a %G' w/requests/marketing w/answers/marketing w/requests/dpo w/answers/dpo | tr '\n' ',')" = "1770 nogroup,2750 nogroup,1770 news,2750 news," ]
    "$fallzahl" -C w check
    chgrp root w/answers/dpo
    run "$fallzahl" -C w check
    [ "$status" -eq 77 ]
    [[ $output == *"'w/answers/dpo' does not belong to group 'news'; 'fallzahl init' gives it"* ]]
    "$fallzahl" -C w init --quiet
    "$fallzahl" -C w check
    sed -i 's/dpo: news/dpo: no_such_group/' w/fallzahl.yaml
    run "$fallzahl" -C w check
    [ "$status" -eq 77 ]
    run "$fallzahl" -C w init
    [ "$status" -eq 78 ]
    [[ $output == *"'groups.dpo' is 'no_such_group', which is not a group of this machine"* ]]
}

@test "answers to the officer go by their term, the heads of the evidence and other answers stay" {
    printf 'retention: {answers: 5}\n' >> w/fallzahl.yaml
    printf 'do: access\nperson: erika@mail.example\n' > w/requests/dpo/first.yaml
    printf 'nonsense\n' > w/requests/marketing/plan.yaml
    "$fallzahl" -C w run --quiet --as-of 2026-02-03
    printf 'do: access\nperson: erika@mail.example\n' > w/requests/dpo/second.yaml
    "$fallzahl" -C w requests --quiet --as-of 2026-02-04
    [ -e w/answers/dpo/first.answer.txt ] && [ -e w/answers/dpo/second.answer.txt ] && [ -e w/answers/marketing/plan.answer.txt ]
    printf '{' > w/answers/dpo/torn.answer.json
    echo 'What is held' > w/answers/dpo/.tmp-killed.answer.txt
    run "$fallzahl" -C w retention --dry-run --as-of 2026-02-07
    [[ "$output" == *"would be deleted: 1 answers"* ]]
    run "$fallzahl" -C w retention --dry-run --as-of 2026-02-08
    [[ "$output" == *"would be deleted: 2 answers"* ]]
    [ -e w/answers/dpo/first.answer.json ]
    "$fallzahl" -C w retention --quiet --as-of 2026-02-08
    [ -z "$(find w/answers/dpo -name 'first.*' -o -name 'torn.*' -o -name '.tmp-*')" ]
    [ -e w/answers/dpo/second.answer.json ] && [ -e w/answers/dpo/second.answer.txt ]
    [ -e w/answers/marketing/plan.answer.txt ]
    [ -n "$(find w/answers/dpo -name 'evidence-head-*')" ]
}

@test "no folder of answers, state or outgoing messages may be a link: nothing is written where it leads" {
    printf 'id,closed,channel,customer\nC1,2026-01-01,chat,K1\n' > cases.csv
    "$fallzahl" -C w ingest --source cases --quiet --as-of 2026-02-02 cases.csv
    for path in answers answers/dpo answers/marketing quarantine outbox outbox/sent state/runs state/checks; do
        printf 'do: access\nperson: customer=K1\n' > w/requests/dpo/x.yaml
        mv "w/$path" aside && mkdir -p elsewhere/dpo elsewhere/marketing elsewhere/sent && chmod -R go= elsewhere
        ln -s "$PWD/elsewhere" "w/$path"
        run "$fallzahl" -C w run --as-of 2026-02-03
        [ "$status" -eq 77 ]
        [[ $output == *"'w/$path' is not a folder, but a link"* ]] || { echo "$output"; false; }
        [ -e w/requests/dpo/x.yaml ] && [ -z "$(find elsewhere -type f)" ]
        rm "w/$path" && mv aside "w/$path" && rm -r elsewhere
    done
    "$fallzahl" -C w run --quiet --as-of 2026-02-03
    [ "$(state_of dpo/x)" = done ]
}

@test "the answer to an earlier request of the same name stays; the same request again is answered in its place" {
    printf 'id,closed,channel,customer\nC1,2026-01-01,chat,K1\n' > cases.csv
    "$fallzahl" -C w ingest --source cases --quiet --as-of 2026-02-02 cases.csv
    for customer in K1 K2 K2; do
        printf 'do: access\nperson: customer=%s\n' $customer > w/requests/dpo/a.yaml
        requests
    done
    [ "$(ls w/answers/dpo | grep -c '^a-[0-9a-f]\{8\}\.answer\.\(txt\|json\)$')" = 2 ]
    [ "$(ls w/answers/dpo | wc -l)" = 4 ]
    grep -q '2026-01-01' w/answers/dpo/a-*.answer.txt
    ! grep -q '2026-01-01' w/answers/dpo/a.answer.txt || false
    for name in $'o9\n' 'o9?' o9_; do printf 'do: access\nperson: customer=K1\n' > "w/requests/dpo/$name.yaml"; done
    requests
    [ "$(ls w/answers/dpo | grep -c '^o9_.*txt$')" = 3 ]
    "$fallzahl" -C w retention --quiet --as-of 2026-03-20
    [ -z "$(ls w/answers/dpo)" ]
}
