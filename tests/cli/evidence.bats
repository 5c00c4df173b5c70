# P8: every act leaves a record without personal data, and what was done to the record shows.
setup() {
    . "$BATS_TEST_DIRNAME/cases_workspace.bash"
    make_cases_workspace "$customers" "$by_month"
    kill_at=$(dirname "$fallzahl")/fault/kill_at
}

teardown() {
    rm -rf "$folder"
}

night() {
    printf 'id,closed,customer\nC%s,2026-01-05,erika@mail.example\n' "$1" > w/inbox/cases-$1.csv
    : > w/inbox/cases-$1.csv.ok
    "$fallzahl" -C w run --quiet --as-of "$1"
}

@test "P8: a night's acts are in the log with counts, versions and who, and no identity" {
    night 2026-02-03
    jq -Rs 'split("\n") | map(select(length > 0) | .[65:] | fromjson)' w/state/evidence.log > log.json
    [ "$(jq -r 'map(select(.rules)) | map(.act) | join(" ")' log.json)" = "page requests subjects answers retention ingest publish surveys keys evidence" ]
    [ "$(jq -r '.[] | select(.act == "ingest" and .of) | "\(.of) \(.exit_status) \(.counts.stored) \(.who)"' log.json)" = "11 0 1 $(id -un)" ]
    [ "$(jq -r '.[0].at' log.json)" = 2026-02-03T00:00:00Z ]
    [ "$(jq -r '.[0].rules.config | length' log.json)" = 64 ]
    ! grep -q erika w/state/evidence.log || false
    [ "$(stat -c %a w/state/evidence.log)" = 600 ]
}

@test "P8: another program finds the chain whole" {
    night 2026-02-03
    night 2026-02-04
    /usr/bin/python3 - w/state/evidence.log <<'PY'
import hashlib, sys
before = bytes(32)
lines = open(sys.argv[1], "rb").read().splitlines()
assert len(lines) == 40
for line in lines:
    before, stated = hashlib.blake2b(before + line[65:], digest_size=32).digest(), line[:64].decode()
    assert before.hex() == stated
PY
    run "$fallzahl" -C w status --evidence
    [ "$status" -eq 0 ]
    [[ $output == "evidence log: 40 lines verified, 0 acts without outcome, 2 heads compared"* ]]
}

@test "P8: an act that was killed is told from the one that is at work" {
    night 2026-02-03
    line=$(tail -n 2 w/state/evidence.log | head -n 1) # the intent of the last act, without its outcome
    sed -i '$d' w/state/evidence.log
    [ "$(tail -n 1 w/state/evidence.log)" = "$line" ]
    run "$fallzahl" -C w status --evidence
    [[ $output == *" 1 acts without outcome (killed, or at work now), "* ]] || { echo "$output"; false; }
    printf 'do: evidence\n' > w/requests/dpo/log.yaml
    "$fallzahl" -C w requests --quiet --as-of 2026-02-04
    grep -qx 'acts without outcome, besides this one: 1' w/answers/dpo/log.answer.txt
}

@test "P8: each night hands over a head; a log that was cut off since shows, with and without the officer's copy" {
    night 2026-02-03
    head=$(echo w/answers/dpo/evidence-head-2026-02-03T00:00:00Z.txt)
    [ "$(stat -c %a "$head")" = 640 ]
    grep -q '^lines: 19$' "$head"
    grep -q '^state: whole$' "$head"
    grep -q '^acts without outcome, besides this one: 0$' "$head"
    cp "$head" copy.txt
    head -n 4 w/state/evidence.log > cut && cat cut > w/state/evidence.log
    run "$fallzahl" -C w status --evidence
    [ "$status" -eq 65 ]
    [[ $output == *"it lacks the head in 'w/answers/dpo/evidence-head-2026-02-03T00:00:00Z.txt'"* ]]
    rm "$head"
    "$fallzahl" -C w status --evidence
    run "$fallzahl" -C w status --evidence --head copy.txt
    [ "$status" -eq 65 ]
    [ "$("$fallzahl" -C w status --evidence --json --head copy.txt 2>/dev/null | jq .whole)" = false ]
}

@test "P8: a log that is gone with all its heads shows by what was stored; a fresh workspace has none" {
    "$fallzahl" -C w status --evidence
    night 2026-02-03
    rm w/state/evidence.log w/answers/dpo/evidence-head-*
    run "$fallzahl" -C w status --evidence
    [ "$status" -eq 65 ]
    [[ $output == *"the evidence log is gone: "* ]]
    [ "$("$fallzahl" -C w status --evidence --json 2>/dev/null | jq .whole)" = false ]
    rm w/state/*.db* && ln -sfn 2026 w/published/latest
    run "$fallzahl" -C w status --evidence
    [ "$status" -eq 65 ]
    rm w/published/latest
    "$fallzahl" -C w status --evidence
}

@test "P8: a changed line is told by the night, which does all its work" {
    night 2026-02-03
    sed -i '12s/"stored":1/"stored":0/' w/state/evidence.log
    run night 2026-02-04
    [ "$status" -eq 65 ]
    [[ $output == *"the evidence log was changed: line 12 does not follow"* ]]
    [ ! -e w/inbox/cases-2026-02-04.csv ]
    grep -q '^state: the evidence log was changed' w/answers/dpo/evidence-head-2026-02-04T00:00:00Z.txt
}

@test "P8: a rejected file and a withdrawal that fails leave their exit status" {
    run "$fallzahl" -C w release withdraw 2026-01-01 --because 'never was' --as-of 2026-02-03
    [ "$status" -ne 0 ]
    failed=$status
    [ "$(tail -n 1 w/state/evidence.log | cut -c66- | jq -r '"\(.act) \(.about) \(.exit_status)"')" = "release withdraw 2026-01-01 $failed" ]
}

@test "P8: killed at any call, an act that was begun is in the log and the chain is whole" {
    [ -x "$kill_at" ] || skip "no kill_at"
    cp -r w fresh
    for call in 40 90 140 190 240 290; do
        rm -rf w && cp -r fresh w
        printf 'id,closed,customer\nC1,2026-01-05,K1\n' > w/inbox/cases-1.csv
        : > w/inbox/cases-1.csv.ok
        "$kill_at" $call "$fallzahl" -C w run --quiet --as-of 2026-02-03 || true
        "$fallzahl" -C w run --quiet --as-of 2026-02-03
        run "$fallzahl" -C w status --evidence --json
        [ "$status" -eq 0 ]
        [ "$(echo "$output" | jq .whole)" = true ]
        [ "$(cut -c66- w/state/evidence.log | jq -s '[.[] | select(.act == "ingest") | .counts.stored // 0] | add')" -le 1 ]
    done
}

@test "P8: a last line that was torn off is told in words" {
    night 2026-02-03
    ! "$fallzahl" -C w status --evidence | grep -q 'last line without its end' || false
    truncate -s -5 w/state/evidence.log
    rm w/answers/dpo/*
    "$fallzahl" -C w status --evidence | grep -q 'a last line without its end is not counted'
}
